#pragma once

#include "api/message.hpp"
#include "config/clock.hpp"
#include "config/error.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace evidenced::server {

/// What a route takes as a body, asked before the body is read.
struct BodyRule {
  std::size_t limit = 0;
  bool chunked = false;  ///< whether the length need not be declared: uploads only
};

/// What stands behind the listener; in the daemon this is the API.
struct Handler {
  /// Answers a request; `buffer` is an empty string whose capacity the answer's body may reuse.
  std::function<Task<api::Response>(api::Request, std::string buffer)> handle;

  /// An Error means that no such route exists: nothing large is read for it.
  std::function<Result<BodyRule>(api::Method, std::string_view target)> body_rule;

  /// Whether it holds back by itself who sends such a request without a key; none: never.
  std::function<bool(api::Method, std::string_view target)> own_quota = {};
};

}  // namespace evidenced::server
