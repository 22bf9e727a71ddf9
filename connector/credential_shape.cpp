#include "connector/credential_shape.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace evidenced::connector {
namespace {

constexpr std::string_view api_token_prefix = "ATATT";
constexpr std::ptrdiff_t telling_characters = 8;  ///< behind the prefix: no word any more
constexpr std::size_t shortest_token = 40;
constexpr std::size_t longest_token = 2048;
constexpr std::size_t longest_email = 254;

constexpr const char* email_pointer = "/credential/email";
constexpr const char* token_pointer = "/credential/token";

bool is_control_or_blank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= 0x20 || byte == 0x7f;
}

bool has_blank(std::string_view text) {
  return std::ranges::any_of(text, is_control_or_blank);
}

bool has_non_ascii(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// One reason to refuse. The order of a table decides which reason is named.
struct Rule {
  bool (*applies)(std::string_view value);
  Code code;
  const char* detail;
};

constexpr std::array<Rule, 3> email_rules = {{
    {[](std::string_view e) { return e.empty(); }, "credential.missing", "the e-mail is missing"},
    {[](std::string_view e) {
       const std::size_t at = e.find('@');
       return at == e.npos || at == 0 || at + 1 == e.size() || e.find('@', at + 1) != e.npos;
     },
     "credential.username_not_email", "the e-mail has no name@domain"},
    {[](std::string_view e) { return has_blank(e) || e.contains(':') || e.size() > longest_email; },
     "credential.username_not_email",
     "the e-mail has a blank, a colon or a control character, or is longer than 254 characters"},
}};

constexpr std::array<Rule, 7> token_rules = {{
    {[](std::string_view t) { return t.empty(); }, "credential.missing", "the token is missing"},
    {[](std::string_view t) { return t.starts_with("ATBB"); }, "credential.app_password",
     "the token begins with ATBB, as app passwords do"},
    {[](std::string_view t) { return t.starts_with("ATCTT"); },
     "credential.access_token_unsupported", "the token begins with ATCTT, as access tokens do"},
    {[](std::string_view t) { return has_blank(t) || t.contains(':'); },
     "credential.token_malformed",
     "the token has a blank, a line break, a control character or a colon"},
    {[](std::string_view t) {
       return t.size() < shortest_token && t.starts_with(api_token_prefix);
     },
     "credential.token_malformed", "the token begins like an API token but ends early"},
    {[](std::string_view t) { return t.size() < shortest_token; }, "credential.password_suspected",
     "the token is shorter than any API token"},
    {[](std::string_view t) { return has_non_ascii(t) || t.size() > longest_token; },
     "credential.token_malformed", "the token has characters or a length that no token has"},
}};

template <std::size_t N>
void check(const std::array<Rule, N>& rules, std::string_view value, const char* pointer,
           ShapeVerdict& verdict) {
  const auto rule = std::ranges::find_if(rules, [&](const Rule& r) { return r.applies(value); });
  if (rule == rules.end()) return;
  if (!verdict.refusal) {
    verdict.refusal.emplace();
    verdict.refusal->code = rule->code;
    verdict.refusal->detail = rule->detail;
  }
  verdict.refusal->fields.push_back({pointer, std::string(rule->code.text()), rule->detail});
}

}  // namespace

ShapeVerdict check_shape(std::string_view email, std::string_view token) {
  ShapeVerdict verdict;
  check(email_rules, email, email_pointer, verdict);
  check(token_rules, token, token_pointer, verdict);
  if (!verdict.refusal && !token.starts_with(api_token_prefix)) {
    Error warning;
    warning.code = "credential.password_suspected";
    warning.detail = "the token does not begin with ATATT, as API tokens do";
    verdict.warnings.push_back(std::move(warning));
  }
  return verdict;
}

bool shows_token(std::string_view text) {
  const auto is_of_token = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-_=").contains(c);
  };
  for (auto at = text.find(api_token_prefix); at != text.npos;
       at = text.find(api_token_prefix, at + 1)) {
    const std::string_view rest = text.substr(at + api_token_prefix.size());
    const auto end = std::ranges::find_if_not(rest, is_of_token);
    if (end - rest.begin() >= telling_characters) return true;
  }
  return false;
}

}  // namespace evidenced::connector
