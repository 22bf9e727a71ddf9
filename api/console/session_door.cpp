#include "api/console/session_door.hpp"

#include "api/limits.hpp"
#include "config/log.hpp"
#include "config/secret.hpp"

namespace evidenced::api {
namespace {

using storage::SignedIn;

constexpr std::chrono::minutes session_use_noted{1};

std::unexpected<Error> must_wait(Code code, int seconds) {
  Error error;
  error.code = code;
  error.retry_after_seconds = seconds;
  return std::unexpected(std::move(error));
}

Result<void> take_guess(Buckets& guesses, const std::string& peer_address, SteadyTime now) {
  const Buckets::Verdict verdict = guesses.take(peer_address, now);
  if (!verdict.granted) return must_wait("quota.exceeded", verdict.retry_after_seconds);
  return {};
}

}  // namespace

const SignedIn* SessionDoor::recall(const storage::Digest& digest) const {
  const auto at = known_.find(digest);
  if (at == known_.end() || at->second.until < clock_.steady()) return nullptr;
  const SignedIn& known = at->second.signed_in;
  const Timestamp now = clock_.now();
  const auto& key_expires_at = known.owner.key.expires_at;
  const bool over = known.session.over(now) || (key_expires_at && *key_expires_at <= now);
  return over ? nullptr : &known;
}

void SessionDoor::remember(std::string_view secret, const SignedIn& signed_in) {
  if (known_.size() >= limits::tracked_clients) known_.clear();
  known_.insert_or_assign(storage::sha256(secret),
                          Known{signed_in, clock_.steady() + limits::authentication_cache});
}

void SessionDoor::forget() {
  ++generation_;
  for (auto& [digest, known] : known_) known.until = SteadyTime::min();
}

Task<Result<SignedIn>> SessionDoor::open(std::string secret, std::string peer_address,
                                         Buckets& guesses) {
  const Secret cookie(std::move(secret));
  const storage::Digest digest = storage::sha256(cookie.reveal());
  if (const SignedIn* known = recall(digest)) co_return *known;
  const bool guessing = !known_.contains(digest);
  if (guessing) {
    const Result<void> admitted = take_guess(guesses, peer_address, clock_.steady());
    if (!admitted) co_return fail(admitted);
  }
  const Timestamp now = clock_.now();
  const std::uint64_t generation = generation_;
  auto look = [&](storage::Connection& connection) {
    return storage::find_session(connection, cookie.reveal(), vault_, now);
  };
  Result<SignedIn> found = co_await storage::query(database_, std::move(look));
  const bool wrong = !found && found.error().code.problem().http_status == 401;
  if (wrong) known_.erase(digest);
  if (guessing && !wrong) guesses.give_back(peer_address);
  if (found && generation == generation_) remember(cookie.reveal(), *found);
  co_return found;
}

Task<Timestamp> SessionDoor::note_use(SignedIn signed_in, std::string secret) {
  const Secret cookie(std::move(secret));
  const Timestamp now = clock_.now();
  if (now - signed_in.session.last_used_at <= session_use_noted) {
    co_return signed_in.session.last_used_at;
  }
  // First, so that other requests of this moment leave it to this one.
  const auto known = known_.find(storage::sha256(cookie.reveal()));
  if (known != known_.end()) known->second.signed_in.session.last_used_at = now;
  auto touch = [&](storage::Connection& connection) -> Result<void> {
    storage::touch_session(connection, signed_in.session, now);
    return {};
  };
  const Result<void> noted = co_await storage::write(database_, std::move(touch));
  if (!noted) log::warning("use of a session not noted", {{"code", noted.error().code.text()}});
  co_return now;
}

Result<void> SessionDoor::admit_code(const std::string& peer_address, Buckets& guesses) {
  const SteadyTime now = clock_.steady();
  if (const int wait = codes_.shut_for(peer_address, now); wait > 0) {
    return must_wait("auth.throttled", wait);
  }
  return take_guess(guesses, peer_address, now);
}

void SessionDoor::refused_code(const std::string& peer_address) {
  codes_.failed(peer_address, clock_.steady());
}

}  // namespace evidenced::api
