#pragma once

#include "config/error.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace evidenced::connector {

/// The offline check of an e-mail and a token, before any network call. Refuses what can never work
/// (credential.username_not_email, .password_suspected, .app_password, .access_token_unsupported,
/// .token_malformed, .missing) and says what to create instead. An unknown but possible shape only
/// warns (credential.password_suspected): prefixes are hints, never proof.
struct ShapeVerdict {
  std::optional<Error> refusal;  ///< its fields name everything wrong, by pointer
  std::vector<Error> warnings;   ///< only when nothing is refused
};

/// No verdict repeats any character of its input.
ShapeVerdict check_shape(std::string_view email, std::string_view token);

/// Whether something in the text looks like an Atlassian API token, whole or its first part.
bool shows_token(std::string_view text);

}  // namespace evidenced::connector
