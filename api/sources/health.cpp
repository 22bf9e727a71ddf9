#include "api/sources/health.hpp"

#include "config/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace evidenced::api {
namespace {

using storage::SourceState;
using storage::SyncResult;
using storage::SyncState;

constexpr std::array<std::string_view, 5> person_families = {
    "credential.", "workspace.", "stream.forbidden", "stream.suspicious_drop",
    "upstream.unauthorized"};

/// Whether only a person can mend it.
bool needs_person(std::string_view code) {
  return std::ranges::any_of(person_families,
                             [&](std::string_view family) { return code.starts_with(family); });
}

std::string with_title(std::string_view code) {
  const Problem* problem = find_problem(code);
  return fmt::format("{}: {}", code, problem == nullptr ? "" : problem->title);
}

/// The error of a sync that is not whole, for which a person must act; "" when there is none.
std::string person_error(const storage::Sync& sync) {
  if (sync.result != SyncResult::failed && sync.result != SyncResult::partial) return "";
  if (sync.error && needs_person(sync.error->code)) return with_title(sync.error->code);
  for (const storage::SyncStream& stream : sync.streams) {
    if (!stream.error) continue;
    // What is refused as it always was is a known gap: coverage tells of it, nobody is called.
    const bool lost = stream.partitions_lost > 0;
    const bool failed = stream.state == storage::StreamState::failed;
    if (lost || (failed && needs_person(stream.error->code))) {
      return fmt::format("{} ({})", with_title(stream.error->code), stream.name);
    }
  }
  return "";
}

std::string action_required(const SourceFacts& facts, Timestamp now) {
  if (facts.state == SourceState::needs_credential) {
    return with_title(facts.state_reason.empty() ? "credential.expired_or_revoked"
                                                 : std::string_view(facts.state_reason));
  }
  if (facts.token_expires_at && *facts.token_expires_at <= now) {
    return with_title("credential.expired_or_revoked");
  }
  if (!facts.latest_done) return "";
  // What the old credential could not do the new one has yet to try.
  const auto& began = facts.latest_done->started_at;
  if (facts.credential_since && began && *facts.credential_since > *began) return "";
  const auto& error = facts.latest_done->error;
  const auto& ended = facts.latest_done->finished_at;
  const bool died = error && error->code == Code("credential.expired_or_revoked").text();
  if (died && ended && facts.verified_at && *facts.verified_at > *ended) return "";
  return person_error(*facts.latest_done);
}

std::string why_not_whole(const storage::Sync& sync) {
  if (sync.error) return with_title(sync.error->code);
  for (const storage::SyncStream& stream : sync.streams) {
    if (stream.error && stream.state != storage::StreamState::unavailable) {
      return fmt::format("{} ({})", with_title(stream.error->code), stream.name);
    }
  }
  return "The last sync did not complete";
}

}  // namespace

Health health_of(const SourceFacts& facts, Timestamp now) {
  if (facts.state == SourceState::deleted) return {"paused", with_title("source.deleted")};
  if (facts.state == SourceState::paused) return {"paused", with_title("source.paused")};
  if (std::string reason = action_required(facts, now); !reason.empty()) {
    return {"action_required", std::move(reason)};
  }
  if (facts.last_success && now - *facts.last_success > 2 * facts.interval) {
    return {"late", fmt::format("The last complete sync ended at {}, more than two intervals ago",
                                format_rfc3339(*facts.last_success))};
  }
  if (facts.latest && facts.latest->state != SyncState::done) {
    return {"syncing",
            facts.latest->state == SyncState::queued ? "A sync is queued" : "A sync is running"};
  }
  if (!facts.latest_done) return {"pending", "No sync has ended yet"};
  const SyncResult result = facts.latest_done->result;
  if (result == SyncResult::failed) return {"failing", why_not_whole(*facts.latest_done)};
  if (!facts.last_success) {
    if (result == SyncResult::cancelled) return {"pending", "No sync has been complete yet"};
    return {"failing", why_not_whole(*facts.latest_done)};
  }
  return {"healthy", ""};
}

}  // namespace evidenced::api
