#pragma once

#include "connector/bitbucket/page_shape.hpp"
#include "storage/collection_store.hpp"
#include "storage/drift_store.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// What a drift may be.
struct DriftWord {
  std::string_view what;
  std::string_view meaning;
};
inline constexpr DriftWord drift_words[] = {
    {"removed", "Bitbucket answers 410: the endpoint is gone"},
    {"deprecated", "answers carry a Sunset or Deprecation header: the endpoint will go"},
    {"new_field", "a member that no object had"},
    {"vanished", "a member that nearly all objects had, and the last ones do not"},
    {"newly_null", "a member that was never null, and always is in the last objects"},
    {"changed_type", "a member of a type that it never had"},
    {"unknown_value", "a word that is not documented where words are"},
};

/// So many objects must have been seen before something is new about the next one; and so many in a
/// row must lack a member that (nearly) all had before it has vanished, or have it null.
inline constexpr std::int64_t shape_settled = 20;
inline constexpr std::int64_t shape_expected = 50;
inline constexpr std::int64_t shape_run = 50;

/// What the objects of one stream of one source looked like so far, and what is different about the
/// next page. Counts are relative to the object that a member belongs to. While it learns, which is
/// until the first sync over all of the stream has ended, only words that are not documented are
/// told; afterwards each difference once: what is new is known from then on; what has vanished or
/// become null is told again after it was seen as before (`ended`). Members of an object that says
/// a `type` it never said before, or that was never an object before, are learnt without a word. A
/// machine without I/O.
class StreamShape {
 public:
  /// `version`: of what is known of it, where that cannot be read.
  explicit StreamShape(std::string_view stream, std::int64_t version = 0)
      : stream_(stream), version_(version) {
    nodes_.emplace_back();
  }

  /// A page was read. `artifacts`: its objects. `kind`: theirs. What is to be told of it.
  std::vector<storage::DriftFinding> see(const PageShape& page, std::size_t leg,
                                         std::string_view kind,
                                         std::span<const storage::ArtifactDraft> artifacts);

  /// A sync ended; `whole`: it left nothing out of this stream.
  void end_sync(bool whole);

  bool learning() const { return syncs_ended_ < syncs_to_learn; }

  /// Rises with every page.
  std::int64_t version() const { return version_; }

  storage::StoredShape stored() const;
  /// nullopt for what this program did not write.
  static std::optional<StreamShape> read(const storage::StoredShape& stored);

 private:
  static constexpr std::int64_t syncs_to_learn = 2;

  struct Node {
    std::string name;
    std::uint32_t parent = 0;
    std::uint32_t first_child = 0;
    std::uint32_t last_child = 0;
    std::uint32_t next = 0;
    std::int64_t seen = 0;
    std::int64_t nulls = 0;
    std::int64_t objects = 0;
    std::int64_t born = 0;     ///< objects of the parent that do not count: before it was known
    std::int64_t missing = 0;  ///< objects of the parent in a row that lack it
    std::int64_t null_run = 0;
    std::uint8_t types = 0;
    bool vanished = false;  ///< told, and not ended
    bool nulled = false;
    std::string since;  ///< the first artifact of the row that lacks it, or has it null
    std::vector<std::string> words;
  };
  struct Look;

  std::uint32_t root_of(std::size_t leg);
  std::uint32_t find(std::uint32_t parent, std::string_view name, std::uint32_t hint) const;
  std::uint32_t make(std::uint32_t parent, std::string_view name);
  void compare(Look& look, std::uint32_t known, std::uint32_t shown);
  void compare_members(Look& look, std::uint32_t known, std::uint32_t shown);
  void compare_types(Look& look, std::uint32_t known, std::uint32_t shown);
  void compare_nulls(Look& look, std::uint32_t known, std::uint32_t shown);
  void compare_words(Look& look, std::uint32_t known, std::uint32_t shown);
  void note_present(Look& look, std::uint32_t known);
  void note_missing(Look& look, std::uint32_t known, std::int64_t objects, std::uint32_t first);
  bool says_new_type(const Look& look, std::uint32_t known, std::uint32_t shown) const;
  std::string path_of(std::uint32_t index) const;
  storage::DriftFinding& tell(Look& look, std::uint32_t node, std::string_view what) const;

  std::string stream_;
  std::vector<Node> nodes_;  ///< [0]: its children are the objects of each leg
  std::int64_t syncs_ended_ = 0;
  std::int64_t version_ = 0;
};

}  // namespace evidenced::connector::bitbucket
