#pragma once

#include "config/random.hpp"
#include "config/secret.hpp"
#include "storage/connection.hpp"
#include "storage/key_store.hpp"
#include "storage/vault.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

inline constexpr std::chrono::hours session_life{24};        ///< however much it is used
inline constexpr std::chrono::hours session_idle{8};         ///< since it was last used
inline constexpr std::chrono::minutes sign_in_link_life{5};  ///< of a link that a key asked for
inline constexpr std::chrono::hours first_link_life{1};      ///< of the one that `init` prints
inline constexpr int sessions_of_a_key = 20;                 ///< at once; the idlest end beyond
inline constexpr int links_of_a_key = 20;                    ///< the oldest go beyond

/// A browser that is signed in with a key. It has the rights of the key and ends with it.
struct ConsoleSession {
  std::string id;  ///< "ses_…"
  std::string key_id;
  Timestamp created_at{};
  Timestamp last_used_at{};  ///< to about a minute
  Timestamp expires_at{};    ///< whatever happens

  Timestamp idle_expires_at() const { return last_used_at + session_idle; }

  /// Whether its time has come, by either measure.
  bool over(Timestamp now) const { return expires_at <= now || idle_expires_at() <= now; }
};

/// A session and the key whose rights it has.
struct SignedIn {
  AuthenticatedKey owner;
  ConsoleSession session;
};

struct NewSession {
  SignedIn signed_in;
  Secret secret;      ///< 64 hexadecimal digits, for the cookie alone; stored as a keyed hash
  bool ended_others;  ///< the key had as many as it may have
};

/// Signs in with a key, and says so in the feed (session.started).
NewSession create_session(Connection& connection, const AuthenticatedKey& owner, const Vault& vault,
                          Timestamp now, Random& random);

/// The session whose secret this is. Errors: session.ended, also when its key has been revoked or
/// has expired.
Result<SignedIn> find_session(Connection& connection, std::string_view secret, const Vault& vault,
                              Timestamp now);

/// Whether a text can be the secret of a session or the code of a link.
bool session_secret_well_formed(std::string_view text);

/// What the unsafe requests of a session show beside the cookie: derived from its secret by the
/// vault, so that knowing one token tells nothing about another.
std::string csrf_token(std::string_view secret, const Vault& vault);

/// The session and its key were used.
void touch_session(Connection& connection, const ConsoleSession& session, Timestamp now);

/// Ends a session, for a reason that the feed names (session.ended); not an error when it has
/// ended already.
void end_session(Connection& connection, const SignedIn& signed_in, std::string_view reason,
                 Timestamp now);

/// Ends all sessions of a key and drops its links: it was revoked.
void end_sessions_of_key(Connection& connection, const TenantScope& tenant,
                         const std::string& key_id, Timestamp now);

struct SignInLink {
  std::string id;  ///< "lnk_…"
  Secret code;     ///< 64 hexadecimal digits; stored as a keyed hash
  Timestamp expires_at{};
};

/// Makes a link that signs in once with the key, and says so in the feed (session.link_created).
SignInLink create_sign_in_link(Connection& connection, const AuthenticatedKey& owner,
                               const Vault& vault, Timestamp now, Random& random,
                               std::chrono::minutes life = sign_in_link_life);

/// Uses a link up: the key that it signs in with. Errors: session.link_invalid; the detail tells a
/// used one, an expired one and an unknown one apart.
Result<AuthenticatedKey> use_sign_in_link(Connection& connection, std::string_view code,
                                          const Vault& vault, Timestamp now);

/// Drops the sessions and links of all tenants whose time has come.
void expire_sessions(Connection& connection, Timestamp now);

}  // namespace evidenced::storage
