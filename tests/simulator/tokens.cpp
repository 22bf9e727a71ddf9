#include "tests/simulator/tokens.hpp"

#include "tests/simulator/dice.hpp"

#include <algorithm>

namespace evidenced::simulator {

const std::vector<std::string>& read_scopes() {
  static const std::vector<std::string> scopes{
      "read:user:bitbucket",       "read:workspace:bitbucket",   "read:project:bitbucket",
      "read:repository:bitbucket", "read:pullrequest:bitbucket", "read:pipeline:bitbucket",
      "read:runner:bitbucket",     "read:webhook:bitbucket",     "read:permission:bitbucket"};
  return scopes;
}

std::vector<std::string> read_and_control_scopes() {
  std::vector<std::string> scopes = read_scopes();
  scopes.emplace_back("admin:repository:bitbucket");
  scopes.emplace_back("admin:project:bitbucket");
  return scopes;
}

bool Token::has(std::string_view scope) const {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

std::string_view Token::type_name() const {
  return kind == CredentialKind::workspace_access_token ? "workspace_access_token" : "api_token";
}

std::string classic_scope(std::string_view scope) {
  static const std::map<std::string_view, std::string> names{
      {"read:user:bitbucket", "account"},
      {"read:workspace:bitbucket", "account"},
      {"read:project:bitbucket", "project"},
      {"read:repository:bitbucket", "repository"},
      {"read:pullrequest:bitbucket", "pullrequest"},
      {"read:pipeline:bitbucket", "pipeline"},
      {"read:runner:bitbucket", "runner"},
      {"read:webhook:bitbucket", "webhook"},
      {"read:permission:bitbucket", "account"},
      {"admin:repository:bitbucket", "repository:admin"},
      {"admin:project:bitbucket", "project:admin"}};
  const auto found = names.find(scope);
  return found == names.end() ? std::string(scope) : found->second;
}

std::string made_up_token(CredentialKind kind, std::uint64_t seed) {
  constexpr std::string_view body =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  Dice dice(seed);
  const bool access = kind == CredentialKind::workspace_access_token;
  std::string token = access ? "ATCTT3xFfGN0" : "ATATT3xFfGF0";
  token += dice.letters(160 + dice.below(20), body) + "=";
  std::string sum = dice.hex(8);
  std::transform(sum.begin(), sum.end(), sum.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return token + sum;
}

}  // namespace evidenced::simulator
