#pragma once

#include "config/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::api {

// Entity tags (RFC 9110, section 8.8.3). A resource with a version has the tag "v7-<hash>": the
// hash covers the whole answer, for If-None-Match; If-Match compares the version alone, so that a
// sync that ends meanwhile does not stop an edit.

/// Strong: from SHA-256. Weak, for lists: from a hash that is fast and no more.
std::string body_etag(std::string_view body, bool weak);
std::string version_etag(std::int64_t version, std::string_view body);

/// Whether `header` (If-None-Match) names `etag`, by weak comparison; "*" names everything.
bool names_etag(std::string_view header, std::string_view etag);

/// Whether `header` (If-Match) allows a change of a resource with this version, by strong
/// comparison; an absent header does. Errors: request.precondition_failed.
Result<void> allow_change(std::string_view header, std::int64_t version);

}  // namespace evidenced::api
