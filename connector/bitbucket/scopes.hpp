#pragma once

#include "connector/http_transport.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// The granted scopes that an answer tells: `x-oauth-scopes`, or `error.detail.granted` of a 403;
/// nullopt: it tells none.
std::optional<std::vector<std::string>> granted_scopes(const HttpResponse& response);

/// The scopes of the read profile, as the table of streams needs them: what a token for everything
/// but control evidence has.
std::span<const std::string_view> read_scopes();

/// What the control profile has beside them: Bitbucket has no read scope for branch restrictions
/// and deploy keys. They may write, but nothing here can send anything but GET.
std::span<const std::string_view> control_scopes();

/// Granted scopes against the profiles. Scopes never imply each other (write is not read).
struct ScopeReview {
  /// Whether they are the scopes of an API token ("read:user:bitbucket") and can be compared; other
  /// credentials have classic ones ("account").
  bool comparable = false;
  std::vector<std::string> missing;  ///< of the read profile
  std::vector<std::string> control;  ///< of the control profile
  std::vector<std::string> writing;  ///< all others that are no read scopes
};
ScopeReview review_scopes(const std::vector<std::string>& granted);

}  // namespace evidenced::connector::bitbucket
