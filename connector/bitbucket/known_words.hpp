#pragma once

#include <string_view>

namespace evidenced::connector::bitbucket {

/// Whether a member of that name holds a word of an enumeration at some path of `kind`, as
/// Atlassian's OpenAPI file (revision of 2026-07-24) and recorded answers have them.
bool may_hold_words(std::string_view kind, std::string_view name);

/// Whether `word` may stand at `path` ("participants[].role") of `kind`. All words may where
/// nothing is known of the path; for members called `type` the types of all objects are known.
bool is_known_word(std::string_view kind, std::string_view path, std::string_view word);

}  // namespace evidenced::connector::bitbucket
