#include "api/sources/source_input.hpp"

#include "api/limits.hpp"
#include "api/readable.hpp"
#include "api/strict_time.hpp"
#include "connector/credential_shape.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds shortest_interval = 1min;
constexpr std::chrono::seconds longest_interval = std::chrono::days(31);

struct Errors {
  std::vector<FieldError> fields;

  void add(std::string pointer, std::string detail) {
    fields.push_back({std::move(pointer), "request.invalid_field", std::move(detail)});
  }
  Result<void> result() {
    if (fields.empty()) return {};
    Error error;
    error.code = "request.invalid_field";
    error.detail = fmt::format("{} {}", fields.front().pointer, fields.front().detail);
    error.fields = std::move(fields);
    return std::unexpected(std::move(error));
  }
};

void check_name(std::string_view name, std::string pointer, Errors& errors) {
  const std::string_view wrong = unreadable(name);
  if (!wrong.empty()) errors.add(std::move(pointer), std::string(wrong));
}

/// A slug or a {uuid}: what can stand in a path of Bitbucket.
bool is_workspace_name(std::string_view name) {
  constexpr std::string_view others = "-_.{}";
  return name != "." && name != ".." && std::ranges::all_of(name, [&](unsigned char c) {
           return std::isalnum(c) != 0 || others.contains(static_cast<char>(c));
         });
}

storage::WorkspaceSelection read_workspaces(const Json* value, Errors& errors) {
  storage::WorkspaceSelection selection;
  if (value == nullptr || value->type != Json::Type::array) return selection;
  selection.all = false;
  for (std::size_t at = 0; at < value->items.size(); ++at) {
    const std::string& slug = value->items[at].text;
    if (!is_workspace_name(slug)) {
      errors.add(fmt::format("/workspaces/{}", at), "is not the slug of a workspace");
    } else if (std::ranges::find(selection.slugs, slug) == selection.slugs.end()) {
      selection.slugs.push_back(slug);
    }
  }
  return selection;
}

std::chrono::seconds read_interval(const Json* schedule, std::chrono::seconds otherwise,
                                   Errors& errors) {
  const std::string text = schedule == nullptr ? "" : schedule->text_or("interval");
  if (text.empty()) return otherwise;
  const auto interval = parse_duration(text);
  if (!interval || *interval < shortest_interval || *interval > longest_interval) {
    errors.add("/schedule/interval", "must be from PT1M to P31D");
    return otherwise;
  }
  return *interval;
}

std::vector<std::string> read_tags(const Json& body, Errors& errors) {
  std::vector<std::string> tags = body.texts("tags");
  for (std::size_t at = 0; at < tags.size(); ++at) {
    check_name(tags[at], fmt::format("/tags/{}", at), errors);
  }
  std::ranges::sort(tags);
  tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
  return tags;
}

}  // namespace

CredentialInput take_credential(Json& body) {
  CredentialInput input;
  if (Json* email = body.find("email")) {
    input.credential.email = Secret(std::exchange(email->text, {}));
  }
  if (Json* token = body.find("token")) {
    input.credential.token = Secret(std::exchange(token->text, {}));
  }
  input.expires_at = parse_strict_time(body.text_or("expires_at"));
  return input;
}

Result<SourceInput> read_source(const Json& body, std::chrono::seconds default_interval) {
  Errors errors;
  SourceInput input;
  input.name = body.text_or("name");
  check_name(input.name, "/name", errors);
  input.workspaces = read_workspaces(body.find("workspaces"), errors);
  input.interval = read_interval(body.find("schedule"), default_interval, errors);
  input.tags = read_tags(body, errors);
  Result<void> checked = errors.result();
  if (!checked) return fail(checked);
  return input;
}

Result<void> apply_patch(storage::Source& source, const Json& patch,
                         std::chrono::seconds default_interval) {
  Errors errors;
  if (patch.find("name") != nullptr) {
    source.name = patch.text_or("name");
    check_name(source.name, "/name", errors);
  }
  if (const Json* workspaces = patch.find("workspaces")) {
    source.workspaces = read_workspaces(workspaces, errors);
  }
  if (const Json* schedule = patch.find("schedule")) {
    // An empty object changes nothing; null, in either place, restores the default.
    const bool resets = schedule->is_null() || schedule->find("interval") != nullptr;
    if (resets) source.interval = read_interval(schedule, default_interval, errors);
  }
  if (patch.find("tags") != nullptr) source.tags = read_tags(patch, errors);
  return errors.result();
}

std::optional<Error> expiry_refusal(const std::optional<Timestamp>& expires_at, Timestamp now) {
  if (!expires_at) return std::nullopt;
  Error error;
  error.code =
      *expires_at <= now ? Code("credential.expiry_past") : Code("credential.expiry_too_far");
  if (*expires_at > now && *expires_at - now <= limits::token_life) return std::nullopt;
  error.fields.push_back({"/credential/expires_at", std::string(error.code.text()),
                          *expires_at <= now ? "has passed" : "is more than a year ahead"});
  return error;
}

Result<void> refuse_shown_token(const std::string& name, const std::vector<std::string>& tags,
                                std::string_view token) {
  const auto shows = [token](const std::string& text) {
    return (!token.empty() && text.contains(token)) || connector::shows_token(text);
  };
  const bool in_tags = std::ranges::any_of(tags, shows);
  if (!in_tags && !shows(name)) return {};
  auto error = fail("request.invalid_field", "The token stands where everybody can read it");
  error.error().fields.push_back(
      {in_tags ? "/tags" : "/name", "request.invalid_field", "must not contain the token"});
  return error;
}

}  // namespace evidenced::api
