#pragma once

#include "config/time.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::evidence {

// Stored objects as reports read them: a member that is missing, null or of another type is as good
// as none.

/// null for what is no JSON.
boost::json::value read_content(std::string_view content);

/// The same for many, one after the other, into memory that is used again.
class ContentReader {
 public:
  /// Valid until the next one is read.
  const boost::json::value& read(std::string_view content);

 private:
  std::vector<unsigned char> buffer_ = std::vector<unsigned char>(64 * 1024);
  std::unique_ptr<boost::json::monotonic_resource> memory_;  // begins in `buffer_`
  std::optional<boost::json::value> value_;                  // in `memory_`
};

/// The member at the end of a path of names; nullptr when there is none.
const boost::json::value* member_at(const boost::json::value& value,
                                    std::initializer_list<std::string_view> path);

/// A string there, or a number as its digits; "" for anything else.
std::string text_at(const boost::json::value& value, std::initializer_list<std::string_view> path);
bool flag_at(const boost::json::value& value, std::initializer_list<std::string_view> path);
std::optional<Timestamp> time_at(const boost::json::value& value,
                                 std::initializer_list<std::string_view> path);

/// The array there; empty when there is none.
const boost::json::array& array_at(const boost::json::value& value,
                                   std::initializer_list<std::string_view> path);

/// A person, a team or an app, as an object names it. `id` is what it is known by: the {uuid}, else
/// what else stays the same; "" for an account that was erased.
struct Account {
  std::string id;
  std::string account_id;
  std::string name;
  std::string nickname;
  bool is_app = false;  ///< a bot or an access token, no person
};
Account account_at(const boost::json::value& value, std::initializer_list<std::string_view> path);

}  // namespace evidenced::evidence
