#pragma once

#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// What a fault does to the answers it meets.
enum class FaultKind {
  // Instead of the answer:
  status,        ///< `status` with `text` as the body (JSON error, HTML or plain, by its look)
  unauthorized,  ///< 401: the token died
  forbidden,     ///< 403 without scopes: permission lost
  empty_list,    ///< 200 and no rows
  not_json,      ///< 200 application/json and `text`, "{\"values\": [" when empty
  // To the page:
  self_loop,        ///< `next` is the page itself
  two_cycle,        ///< `next` goes back and forth between two pages
  ever_new_cursor,  ///< `next` is always new, the rows are always the same
  foreign_next,     ///< `next` is `text`
  no_next,          ///< the list ends here
  string_values,    ///< a sentence among `values`
  no_type,          ///< entries without `type`
  oversize,         ///< a body of `size` bytes
  // To the objects, at `field` ("participants.state": arrays are gone through):
  add_field,     ///< a member that says `text`
  drop_field,    ///< without that member
  null_field,    ///< null
  retype_field,  ///< a number becomes a string, all else a number
  set_field,     ///< says `text`, where it is
  announce,      ///< headers that announce the end of the endpoint (Sunset: `text`, a Link)
  // On the way:
  reset_before,
  reset_mid_body,
  truncate,
  slow,           ///< the answer takes `delay`
  never,          ///< no byte ever
  gzip_truncate,  ///< a gzip stream that ends early
  gzip_corrupt,
  gzip_bomb,  ///< a small stream that grows to `size` bytes
  // Beside it:
  action,  ///< calls `action`, then answers as usual: the world changes between two pages
};

/// A rule: which requests, counted from 1 among those that match, meet which fault.
struct Fault {
  FaultKind kind = FaultKind::status;
  std::string path;         ///< prefix of the target, e.g. "/2.0/user"; "" is every request
  std::string contains;     ///< and this somewhere in the target
  std::uint64_t first = 1;  ///< the n-th match is the first that is hit
  std::uint64_t count = 1;  ///< so many are hit; 0: all from then on
  int status = 500;
  std::string text;
  std::string field;
  std::uint64_t size = 40U << 20U;
  std::chrono::milliseconds delay{0};
  std::function<void()> action;
  std::uint64_t seen = 0;  ///< matches so far
};

/// Links that no careful client follows, for a service called as `origin`
/// ("https://api.bitbucket.org").
std::vector<std::string> hostile_links(std::string_view origin);

/// What the faults of fields do to an answer that has objects.
void bend_fields(const Fault& fault, boost::json::object& body);

std::string_view fault_name(FaultKind kind);

}  // namespace evidenced::simulator
