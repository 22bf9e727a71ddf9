#pragma once

#include "config/time.hpp"
#include "evidence/permission.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace evidenced::evidence {

/// A column of the matrix.
struct AccessRepository {
  std::string uuid;  ///< "{…}"
  std::string artifact_id;
  std::string repository;  ///< workspace/slug
  std::string workspace;
  std::string workspace_uuid;
  std::string project;  ///< key
  std::string project_uuid;
  std::string name;
  std::string owner;  ///< id of the person whose own workspace it is in; "" for any other
  Timestamp first_observed_at{};
  /// Its effective access was read to the end: who is not on the list has none. Else nobody knows.
  bool known = false;
};

/// A row of the matrix.
struct AccessPerson {
  std::string id;  ///< the {uuid}, else what else stays the same; unknown_account
  std::string account_id;
  std::string name;
  std::string nickname;
  std::string artifact_id;  ///< of a membership in a workspace that is shown; "" for who has none
  std::string workspace_permission;  ///< the highest of those
  std::int64_t sample = 0;           ///< a row of effective access that tells more of it; 0: none
};

/// What stands for the accounts that Bitbucket does not name any more: together they are one row.
inline constexpr std::string_view unknown_account = "unknown";

/// How many repositories a person has each permission on.
struct AccessCounts {
  std::int64_t admin = 0;
  std::int64_t write = 0;
  std::int64_t read = 0;
};

/// People × repositories, and the highest permission of all that a cell was told. A person has a
/// place once it is mentioned; places do not move.
class AccessMatrix {
 public:
  explicit AccessMatrix(std::vector<AccessRepository> repositories);

  const std::vector<AccessRepository>& repositories() const { return repositories_; }
  const std::vector<AccessPerson>& people() const { return people_; }
  AccessPerson& person(std::size_t place) { return people_[place]; }

  /// nullopt for a repository that is not shown.
  std::optional<std::size_t> repository_place(std::string_view uuid) const;
  std::optional<std::size_t> find_person(std::string_view id) const;
  std::size_t person_place(std::string_view id);

  void raise(std::size_t person, std::size_t repository, Permission to);

  /// The letter of a cell: A admin, W write, R read, - none, ? nobody knows.
  char letter(std::size_t person, std::size_t repository) const;
  std::string letters(std::size_t person) const;
  AccessCounts counts(std::size_t person) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Places = std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>>;

  std::vector<AccessRepository> repositories_;
  std::vector<AccessPerson> people_;
  std::vector<std::string> cells_;  ///< of each person, a Permission a byte; "" where there is none
  Places repository_places_;
  Places person_places_;
};

}  // namespace evidenced::evidence
