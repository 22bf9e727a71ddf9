#pragma once

#include "config/error.hpp"

#include <string>
#include <string_view>

namespace evidenced::connector {

/// Appends "/" and one path segment, percent-encoded down to the unreserved characters of RFC 3986:
/// braces and slashes inside a segment are encoded, as Bitbucket wants it. False, and `path` as it
/// was, for segments that would change the path's meaning: "", "." and "..".
[[nodiscard]] bool append_segment(std::string& path, std::string_view segment);

/// Appends "?name=value", or "&name=value" when `target` has a query already; the value is
/// percent-encoded whole ("+" too: Bitbucket reads a bare one as a blank).
void append_query(std::string& target, std::string_view name, std::string_view value);

/// The origin-form target (RFC 9112, 3.2.1) of an absolute link or of a path, when it leads to
/// `origin` ("https://host[:port]", lower case; the default port may be spelled out) and below the
/// API's roots /2.0/ and /1.0/. Harmless raw characters (braces, quotes, non-ASCII) come back
/// percent-encoded; a query that starts with
/// "&" instead of "?" is put right. Errors: upstream.foreign_link: other scheme, host, port or any
/// user info, dot segments or empty ones (also encoded), backslashes, control characters, a
/// fragment, more than 16 KiB.
Result<std::string> local_target(std::string_view origin, std::string_view link);

/// Whether `target` can stand in a request line as it is: a path from "/" (not "//") of visible
/// ASCII characters, without a fragment, at most 16 KiB.
bool is_origin_form(std::string_view target);

}  // namespace evidenced::connector
