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
  if (!named) return {};
  // RFC 9110, section 11.4: one blank or more.
  authorization.remove_prefix(scheme.size());
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  return authorization;
}

/// The public part of `ev_<kid>_…`, "-" for what has another form: what failures are counted by.
std::string key_id_of(std::string_view token) {
  constexpr std::size_t length = 10;
  const bool has_form = token.starts_with("ev_") && token.size() > 3 + length;
  return has_form ? std::string(token.substr(3, length)) : "-";
}

std::unexpected<Error> wait_error(Code code, int seconds) {
  Error error;
  error.code = code;
  error.retry_after_seconds = seconds;
  return std::unexpected(std::move(error));
}

/// A value that is in a set as long as this lives.
template <class Set>
class Listed {
 public:
  Listed(Set& set, const typename Set::value_type& value) : set_(set), at_(set.insert(value)) {}
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;
  ~Listed() { set_.erase(at_); }

 private:
  Set& set_;
  typename Set::iterator at_;
};

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
    return nullptr;
  }
  return &at->second.key;
}

void Authenticator::remember(const storage::Digest& digest, const AuthenticatedKey& key) {
  if (known_.size() >= limits::tracked_clients) known_.clear();
  known_.insert_or_assign(digest, Known{key, clock_.steady() + limits::authentication_cache});
}

void Authenticator::forget() {
  ++generation_;
  for (auto& [digest, known] : known_) known.until = SteadyTime::min();
}

Result<void> Authenticator::admit_guess(const std::string& attempt, const std::string& peer_address,
                                        Buckets& guesses) {
  const SteadyTime now = clock_.steady();
  if (const int wait = lockout_.shut_for(attempt, now); wait > 0) {
    return wait_error("auth.throttled", wait);
  }
  const Buckets::Verdict verdict = guesses.take(peer_address, now);
  if (!verdict.granted) return wait_error("quota.exceeded", verdict.retry_after_seconds);
  return {};
}

Task<Result<AuthenticatedKey>> Authenticator::authenticate(std::string authorization,
                                                           std::string peer_address,
                                                           Buckets& guesses) {
  const Secret header(std::move(authorization));
  const std::string_view token = bearer(header.reveal());
  if (token.empty()) co_return fail("auth.missing");
  const storage::Digest digest = storage::sha256(token);
  if (const AuthenticatedKey* known = recall(digest)) co_return *known;

  const std::string attempt = peer_address + "|" + key_id_of(token);
  const bool guessing = !known_.contains(digest) && !asking_.contains(digest);
  if (guessing) {
    const Result<void> admitted = admit_guess(attempt, peer_address, guesses);
    if (!admitted) co_return fail(admitted);
  }
  const Timestamp now = clock_.now();
  const std::uint64_t generation = generation_;
  auto look = [&](storage::Connection& connection) {
    return storage::authenticate(connection, token, vault_, now);
  };
  const Listed<Asking> asked(asking_, digest);
  Result<AuthenticatedKey> found = co_await storage::query(database_, std::move(look));
  if (!found) {
    if (found.error().code.problem().http_status == 401) {
      known_.erase(digest);
      lockout_.failed(attempt, clock_.steady());
    } else if (guessing) {
      guesses.give_back(peer_address);
    }
    co_return found;
  }
  if (guessing) guesses.give_back(peer_address);
  if (generation == generation_) remember(digest, *found);
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
