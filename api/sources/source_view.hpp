#pragma once

#include "api/exchange.hpp"
#include "api/sources/health.hpp"
#include "connector/sync_control.hpp"
#include "storage/source_store.hpp"
#include "storage/vault.hpp"

#include <optional>
#include <string>
#include <vector>

namespace evidenced::api {

/// A source with everything that its answer shows.
struct SourceView {
  storage::Source source;
  std::optional<storage::CredentialInfo> credential;
  Secret email;  ///< in full, where the key may see it; else empty
  SourceFacts facts;
};

/// Reads what belongs to `source`. The e-mail is opened when `with_email`.
SourceView load_view(storage::Connection& connection, const Exchange& exchange,
                     storage::Source source, bool with_email);

/// The facts that health is made of, without the credential's secrets.
SourceFacts load_facts(storage::Connection& connection, const storage::TenantScope& tenant,
                       const storage::Source& source);

enum class Email { shown, masked };

/// Something that was allowed but should be known.
struct Warning {
  Code code;
  std::string detail;
  std::string remedy;
};

/// Writes a Source; `warnings` only where given.
void write_source(JsonOut& json, const SourceView& view, Email email, Timestamp now,
                  const std::vector<Warning>* warnings = nullptr);
/// Writes `last_sync`: null when there was none.
void write_last_sync(JsonOut& json, const std::optional<storage::Sync>& sync);
void write_credential(JsonOut& json, const storage::CredentialInfo& info, std::string_view email,
                      Timestamp now);
void write_validation(JsonOut& json, const connector::ProbeReport& report);

}  // namespace evidenced::api
