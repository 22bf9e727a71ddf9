#pragma once

#include "connector/bitbucket/json_text.hpp"
#include "storage/crypto.hpp"

#include <deque>
#include <string>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// Where replaced strings live; must outlive the value that was scrubbed.
using Replacements = std::deque<std::string>;

/// Takes out of an object, wherever they stand in it, what must never be stored: avatars,
/// `oauth_client`, `private_key`, values of variables, the user information and token-like
/// parameters of URLs, also of those in descriptions and comments. Deploy keys become their OpenSSH
/// fingerprint ("SHA256:…"); webhook URLs scheme and host, with `url_sha256` beside them (their
/// paths hold secrets too). Everything else keeps its spelling. `kind` is the artifact kind: it
/// tells what the object is where it does not say so itself. Scrubbing twice changes nothing more.
void scrub(std::string_view kind, JsonText& value, Replacements& replacements);

/// The text with its URLs without user information ("https://user:password@host", and
/// "//user:password@host" without a scheme) and with "REDACTED" for the values of token-like
/// parameters; `text` itself when there is nothing to take out. The user `git` of ssh stays.
std::string scrub_urls(std::string_view text);

/// SHA-256 over the canonical bytes without the members that change without anybody changing
/// anything (`last_accessed` of a membership): the same digest, no new revision. `content` is
/// canonical(value).
storage::Digest revision_digest(std::string_view kind, const JsonText& value,
                                std::string_view content);

}  // namespace evidenced::connector::bitbucket
