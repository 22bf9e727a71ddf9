#include "api/authenticator.hpp"

#include "api/limits.hpp"
#include "config/log.hpp"
#include "config/secret.hpp"

#include <algorithm>
#include <cctype>

namespace evidenced::api {
namespace {

using storage::AuthenticatedKey;

/// The token of "Bearer <token>"; empty for everything else (RFC 6750; the scheme in any case).
std::string_view bearer(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (authorization.size() <= scheme.size()) return {};
  const bool named =
      std::ranges::equal(authorization.substr(0, scheme.size()), scheme,
                         [](unsigned char a, unsigned char b) { return std::tolower(a) == b; });
  return named ? authorization.substr(scheme.size()) : std::string_view();
}

/// The public part of `ev_<kid>_…`, "-" for what has another form: what failures are counted by.
std::string key_id_of(std::string_view token) {
  constexpr std::size_t length = 10;
  const bool has_form = token.starts_with("ev_") && token.size() > 3 + length;
  return has_form ? std::string(token.substr(3, length)) : "-";
}

bool worth_noting(const AuthenticatedKey& found, Timestamp now) {
  const auto& last = found.key.last_used_at;
  return !last || now - *last > std::chrono::minutes(1);
}

}  // namespace

const AuthenticatedKey* Authenticator::recall(const storage::Digest& digest) {
  const auto at = known_.find(digest);
  if (at == known_.end()) return nullptr;
  const auto& expires_at = at->second.key.key.expires_at;
  if (at->second.until < clock_.steady() || (expires_at && *expires_at <= clock_.now())) {
    known_.erase(at);
    return nullptr;
  }
  return &at->second.key;
}

Task<Result<AuthenticatedKey>> Authenticator::authenticate(std::string authorization,
                                                           std::string peer_address) {
  const Secret header(std::move(authorization));
  const std::string_view token = bearer(header.reveal());
  if (token.empty()) co_return fail("auth.missing");
  const storage::Digest digest = storage::sha256(token);
  if (const AuthenticatedKey* known = recall(digest)) co_return *known;

  const std::string attempt = peer_address + "|" + key_id_of(token);
  if (const int wait = lockout_.shut_for(attempt, clock_.steady()); wait > 0) {
    Error error;
    error.code = "auth.throttled";
    error.retry_after_seconds = wait;
    co_return std::unexpected(std::move(error));
  }
  const Timestamp now = clock_.now();
  auto look = [&](storage::Connection& connection) {
    return storage::authenticate(connection, token, vault_, now);
  };
  Result<AuthenticatedKey> found = co_await storage::read(database_, std::move(look));
  if (!found) {
    if (found.error().code.problem().http_status == 401) {
      lockout_.failed(attempt, clock_.steady());
    }
    co_return found;
  }
  if (known_.size() >= limits::tracked_clients) known_.clear();
  known_.insert_or_assign(digest, Known{*found, clock_.steady() + limits::authentication_cache});
  if (worth_noting(*found, now)) co_await note_use(*found);
  co_return found;
}

Task<void> Authenticator::note_use(AuthenticatedKey key) {
  const Timestamp now = clock_.now();
  auto touch = [&](storage::Connection& connection) -> Result<void> {
    storage::touch_key(connection, key.key.id, now);
    return {};
  };
  Result<void> noted = co_await storage::write(database_, std::move(touch));
  // A full disk must not keep readers out.
  if (!noted) log::warning("use of a key not noted", {{"code", noted.error().code.text()}});
}

}  // namespace evidenced::api
