// Announces credentials that expire: each threshold once, in the feed and in the log.
#include "config/log.hpp"
#include "connector/expiry.hpp"
#include "connector/sync/service_state.hpp"

#include <algorithm>

namespace evidenced::connector {

namespace {

using namespace std::chrono_literals;
using storage::Connection;

constexpr std::chrono::hours between_looks{1};  ///< at the longest
constexpr int credentials_at_once = 500;

/// A notice that is due, or was just given.
struct Announcement {
  storage::OwnedExpiry owned;
  int threshold_days = 0;
};

/// What a look at the credentials has found.
struct Outlook {
  std::vector<Announcement> due;
  Timestamp next_look{};  ///< the next threshold, or an hour from now
};

std::string_view source_word(const storage::Expiry& expiry) {
  return expiry.declared ? "declared" : "assumed";
}

Outlook look_ahead(Connection& connection, Timestamp now) {
  Outlook outlook;
  outlook.next_look = now + between_looks;
  storage::ExpiryFilter filter;
  filter.limit = credentials_at_once;
  filter.before = outlook.next_look + std::chrono::days(expiry_thresholds.front());
  while (true) {
    auto page = storage::list_all_expiries(connection, filter);
    const bool last_page = page.size() < static_cast<std::size_t>(filter.limit);
    if (!page.empty()) filter.after = {page.back().expiry.expires_at, page.back().expiry.source_id};
    for (storage::OwnedExpiry& owned : page) {
      const storage::Expiry& expiry = owned.expiry;
      const auto given =
          storage::notices_of(connection, owned.tenant, expiry.source_id, expiry.version);
      const auto next = next_notice(expiry.expires_at, now, given);
      if (next) outlook.next_look = std::min(outlook.next_look, next->at);
      const auto due = due_notice(expiry.expires_at, now, given);
      if (due) outlook.due.push_back({std::move(owned), *due});
    }
    if (last_page) return outlook;
  }
}

/// Whether it was not given before.
bool announce(Connection& connection, const Announcement& announcement, Timestamp now) {
  const storage::Expiry& expiry = announcement.owned.expiry;
  const bool expired = announcement.threshold_days == 0;
  storage::NewEvent event{.type = expired ? storage::EventType("credential.expired")
                                          : storage::EventType("credential.expiring"),
                          .source_id = expiry.source_id,
                          .subject_id = expiry.source_id,
                          .at = now,
                          .facts = {{"name", expiry.source_name},
                                    {"threshold_days", announcement.threshold_days},
                                    {"days_left", days_left(expiry.expires_at, now)},
                                    {"expires_at", format_rfc3339(expiry.expires_at)},
                                    {"expiry_source", std::string(source_word(expiry))},
                                    {"credential_version", expiry.version}}};
  return storage::give_notice(connection, announcement.owned.tenant, expiry,
                              announcement.threshold_days, event);
}

void log_notice(const Announcement& announcement, Timestamp now) {
  constexpr Code soon = "credential.expiring_soon", over = "credential.expired_or_revoked";
  const storage::Expiry& expiry = announcement.owned.expiry;
  const bool expired = announcement.threshold_days == 0;
  log::warning(expired ? "credential has expired" : "credential expires soon",
               {{"source", expiry.source_id},
                {"name", expiry.source_name},
                {"threshold_days", announcement.threshold_days},
                {"days_left", days_left(expiry.expires_at, now)},
                {"expires_at", format_rfc3339(expiry.expires_at)},
                {"expiry_source", source_word(expiry)},
                {"code", (expired ? over : soon).text()}});
}

}  // namespace

/// A credential that was put since the last look is announced at once where it is due: `wake` and a
/// clock that was set make this look again.
Task<Result<void>> SyncService::State::announce_expiries() {
  const Timestamp now = services().clock.now();
  if (!expiries_stale && now < next_expiry_look) co_return Result<void>{};
  expiries_stale = false;  // whoever wakes meanwhile makes it so again
  next_expiry_look = now;
  auto look = [now](Connection& connection) -> Result<Outlook> {
    return look_ahead(connection, now);
  };
  Result<Outlook> outlook = co_await storage::read(services().database, std::move(look));
  if (!outlook) co_return fail(outlook);
  if (!outlook->due.empty()) {
    // Looked at again where it is written: the credential may have been replaced in between.
    auto give = [now](Connection& connection) -> Result<std::vector<Announcement>> {
      std::vector<Announcement> due = look_ahead(connection, now).due;
      std::erase_if(due, [&](const Announcement& one) { return !announce(connection, one, now); });
      return due;
    };
    const auto given = co_await storage::write(services().database, std::move(give));
    if (!given) co_return fail(given);
    for (const Announcement& one : *given) log_notice(one, now);
  }
  next_expiry_look = outlook->next_look;
  co_return Result<void>{};
}

}  // namespace evidenced::connector
