#pragma once

#include "config/error.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace evidenced::connector {

/// The offline check of an e-mail and a token, before any network call. Refuses what can never work
/// (credential.username_not_email, .password_suspected, .app_password, .access_token_unsupported,
/// .token_malformed, .missing) and says what to create instead. An unknown but possible shape only
/// warns.
struct ShapeVerdict {
  std::optional<Error> refusal;
  std::vector<Error> warnings;
};
ShapeVerdict check_shape(std::string_view email, std::string_view token);

}  // namespace evidenced::connector
