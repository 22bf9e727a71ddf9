#include "connector/bitbucket/scopes.hpp"

#include "connector/bitbucket/streams.hpp"
#include "connector/retry.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

using Scopes = std::vector<std::string_view>;

/// The scopes of the streams' table, each once: read scopes, or all others.
Scopes scopes_of_streams(bool reading) {
  Scopes scopes;
  for (const Stream& stream : streams()) {
    const bool known = std::ranges::find(scopes, stream.scope) != scopes.end();
    if (!known && stream.scope.starts_with("read:") == reading) scopes.push_back(stream.scope);
  }
  return scopes;
}

bool contains(std::span<const std::string_view> scopes, std::string_view scope) {
  return std::find(scopes.begin(), scopes.end(), scope) != scopes.end();
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::vector<std::string>> granted_scopes(const HttpResponse& response) {
  std::vector<std::string> scopes;
  if (const auto failure = failure_of(response); failure && response.status == 403) {
    scopes = failure->scopes_granted;
  }
  std::string_view list = scopes.empty() ? response.header("x-oauth-scopes") : "";
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (const std::string_view scope = trimmed(list.substr(0, end)); !scope.empty()) {
      scopes.emplace_back(scope);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  if (scopes.empty()) return std::nullopt;
  return scopes;
}

std::span<const std::string_view> read_scopes() {
  static const Scopes scopes = scopes_of_streams(true);
  return scopes;
}
std::span<const std::string_view> control_scopes() {
  static const Scopes scopes = scopes_of_streams(false);
  return scopes;
}

ScopeReview review_scopes(const std::vector<std::string>& granted) {
  ScopeReview review;
  for (const std::string& scope : granted) {
    if (!scope.ends_with(":bitbucket")) continue;
    review.comparable = true;
    if (contains(control_scopes(), scope)) {
      review.control.push_back(scope);
    } else if (!scope.starts_with("read:")) {
      review.writing.push_back(scope);
    }
  }
  if (!review.comparable) return review;
  for (const std::string_view scope : read_scopes()) {
    if (std::find(granted.begin(), granted.end(), scope) == granted.end()) {
      review.missing.emplace_back(scope);
    }
  }
  return review;
}

}  // namespace evidenced::connector::bitbucket
