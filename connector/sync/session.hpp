#pragma once

#include "connector/sync/context.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace evidenced::connector {

/// "Basic …" (RFC 7617) of an e-mail and a token.
Secret basic_authorization(const storage::Credential& credential);

/// What an account is remembered by: a keyed hash of its e-mail.
std::string account_hash(const storage::Vault& vault, const storage::Credential& credential);

/// A source that needs a credential is asked about no more often.
inline constexpr std::chrono::hours between_knocks{1};
/// The scheduler's own round: a little longer, so that it never comes too early.
inline constexpr std::chrono::minutes knocking_round{61};

/// Makes a source active again whose credential of that version was accepted after all; whether it
/// was waiting for that.
Result<bool> revive_source(storage::Connection& connection, const storage::TenantScope& tenant,
                           const std::string& source_id, std::int64_t version, Timestamp now);

/// The credential of a source while a sync runs, and what a 401 means for it.
class Session {
 public:
  explicit Session(SyncContext& context);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Opens the sealed credential. Errors: credential.missing, credential.undecryptable.
  Task<Result<void>> open();

  /// Asks one question on behalf of the source; requests are counted to `stream`, and to its group.
  /// A 401 or 410 to a stream that only probes is stream.forbidden. Any other first 401 is
  /// put to the test: a credential that was exchanged meanwhile is taken and the question asked
  /// again; else /2.0/user decides, after a minute, or at once where it accepted the credential
  /// within the last ten. If the credential is dead, the source needs a new one, and the sync is
  /// halted; if it lives, and the endpoint refuses it again, that is stream.forbidden.
  /// Errors: those of Gate::get; credential.expired_or_revoked.
  Task<Result<HttpResponse>> get(const bitbucket::Stream& stream, std::string target);

  /// For a source that already needs a credential: one question whether it still does; if not, the
  /// source is active again. Errors: credential.expired_or_revoked, and those of Gate::get.
  Task<Result<void>> knock();

 private:
  enum class Verdict { ask_again, dead };

  Task<Result<Verdict>> examine(std::int64_t version, std::int64_t proofs, WaitMeter& waits);
  bool proven_within(std::chrono::seconds time) const;
  Task<Result<bool>> reload();
  Task<Result<HttpResponse>> ask_user();
  Task<Result<Verdict>> give_up(std::int64_t version);
  Task<Result<void>> revive();
  Task<void> announce_wait(Timestamp until);

  SyncContext& context_;
  storage::Credential credential_;
  std::int64_t version_ = 0;
  std::int64_t proofs_ = 0;              ///< so often /2.0/user accepted a credential
  std::optional<SteadyTime> proven_at_;  ///< it accepted the one in use
  std::set<std::string_view> refusing_;  ///< streams that refuse a credential that lives
  Slots examining_{1};
  Gate::Visitor visitor_;
};

}  // namespace evidenced::connector
