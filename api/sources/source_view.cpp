#include "api/sources/source_view.hpp"

#include "connector/expiry.hpp"
#include "storage/names.hpp"
#include "storage/sync_store.hpp"

#include <algorithm>

namespace evidenced::api {
namespace {

constexpr int syncs_looked_through = 20;

std::optional<Timestamp> find_last_success(storage::Connection& connection,
                                           const storage::TenantScope& tenant,
                                           const SourceFacts& facts, const std::string& source_id) {
  if (!facts.latest_done) return std::nullopt;
  const auto succeeded = [](const storage::Sync& sync) {
    return sync.result == storage::SyncResult::succeeded;
  };
  if (succeeded(*facts.latest_done)) return facts.latest_done->finished_at;
  storage::SyncFilter filter;
  filter.source_ids = {source_id};
  filter.states = {storage::SyncState::done};
  filter.with_hooks = false;
  filter.limit = syncs_looked_through;
  const auto syncs = storage::list_syncs(connection, tenant, filter);
  const auto found = std::ranges::find_if(syncs, succeeded);
  return found == syncs.end() ? std::nullopt : found->finished_at;
}

/// null where the token does not tell whose it is.
void write_account(JsonOut& json, const std::string& uuid, const std::string& name) {
  if (uuid.empty()) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("uuid", uuid);
  json.text_or_null("name", name);
  json.end_object();
}

void write_workspaces(JsonOut& json, const storage::WorkspaceSelection& workspaces) {
  json.key("workspaces");
  if (workspaces.all) {
    json.value("all");
  } else {
    json.value(workspaces.slugs);
  }
}

void write_warnings(JsonOut& json, const std::vector<Warning>& warnings) {
  json.key("warnings").begin_array();
  for (const Warning& warning : warnings) {
    json.begin_object();
    json.member("code", warning.code.text());
    json.member("detail", warning.detail);
    json.member("remedy", lines_of(warning.remedy));
    json.end_object();
  }
  json.end_array();
}

void write_foreseen(JsonOut& json, const std::vector<connector::ForeseenCoverage>& coverage) {
  json.key("coverage").begin_array();
  for (const connector::ForeseenCoverage& kind : coverage) {
    json.begin_object();
    json.member("kind", kind.kind);
    json.member("status", kind.status);
    json.text_or_null("reason", kind.reason);
    json.member("missing_scopes", kind.missing_scopes);
    json.end_object();
  }
  json.end_array();
}

void write_checks(JsonOut& json, const std::vector<connector::ProbeCheck>& checks) {
  json.key("checks").begin_array();
  for (const connector::ProbeCheck& check : checks) {
    json.begin_object();
    json.member("id", check.id);
    json.member("status", check.status);
    json.text_or_null("code", check.code);
    json.member("detail", check.detail);
    json.text_or_null("remedy", check.remedy);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

SourceFacts load_facts(storage::Connection& connection, const storage::TenantScope& tenant,
                       const storage::Source& source) {
  SourceFacts facts;
  facts.state = source.state;
  facts.state_reason = source.state_reason;
  facts.interval = source.interval;
  facts.latest = storage::latest_sync(connection, tenant, source.id, false);
  const bool running = facts.latest && facts.latest->state != storage::SyncState::done;
  facts.latest_done =
      running ? storage::latest_sync(connection, tenant, source.id, true) : facts.latest;
  facts.last_success = find_last_success(connection, tenant, facts, source.id);
  const auto info = storage::Vault::info(connection, tenant, source.id);
  if (info) facts.credential_since = info->created_at;
  if (info) facts.verified_at = info->last_verified_at;
  if (info && info->expiry_declared) facts.token_expires_at = info->expires_at;
  return facts;
}

SourceView load_view(storage::Connection& connection, const Exchange& exchange,
                     storage::Source source, bool with_email) {
  SourceView view;
  view.facts = load_facts(connection, exchange.tenant(), source);
  auto info = storage::Vault::info(connection, exchange.tenant(), source.id);
  if (info) view.credential = std::move(*info);
  if (view.credential && with_email) {
    // One that cannot be opened is shown masked; the sync tells that it is undecryptable.
    auto credential = exchange.core.services.vault.get(connection, exchange.tenant(), source.id);
    if (credential) view.email = std::move(credential->email);
  }
  view.source = std::move(source);
  return view;
}

void write_last_sync(JsonOut& json, const std::optional<storage::Sync>& sync) {
  json.key("last_sync");
  if (!sync) {
    json.null();
    return;
  }
  json.begin_object();
  json.member("id", sync->id);
  json.text_or_null("result", storage::name_of(sync->result));
  json.member("finished_at", sync->finished_at);
  json.end_object();
}

void write_credential(JsonOut& json, const storage::CredentialInfo& info, std::string_view email,
                      Timestamp now) {
  json.begin_object();
  json.member("type", "atlassian_api_token");
  json.member("email", email.empty() ? std::string_view(info.email_masked) : email);
  json.member("fingerprint", info.fingerprint);
  json.member("expires_at", info.expires_at);
  json.member("expiry_source", info.expiry_declared ? "declared" : "assumed");
  json.key("days_left");
  if (info.expires_at) {
    json.value(connector::days_left(*info.expires_at, now));
  } else {
    json.null();
  }
  json.member("scopes", info.scopes);
  json.member("last_verified_at", info.last_verified_at);
  json.member("version", info.version);
  json.member("created_at", info.created_at);
  json.end_object();
}

void write_source(JsonOut& json, const SourceView& view, Email email, Timestamp now,
                  const std::vector<Warning>* warnings) {
  const storage::Source& source = view.source;
  const Health health = health_of(view.facts, now);
  json.begin_object();
  json.member("id", source.id);
  json.member("kind", source.kind);
  json.member("name", source.name);
  json.member("state", storage::name_of(source.state));
  json.key("health").begin_object();
  json.member("status", health.status);
  json.text_or_null("reason", health.reason);
  json.end_object();
  json.key("account");
  write_account(json, source.account_uuid, source.account_name);
  write_workspaces(json, source.workspaces);
  json.key("schedule").begin_object();
  json.member("interval", format_duration(source.interval));
  json.member("next_run_at", source.next_run_at);
  json.end_object();
  json.key("credential");
  if (view.credential) {
    const std::string_view shown = email == Email::shown ? view.email.reveal() : std::string_view();
    write_credential(json, *view.credential, shown, now);
  } else {
    json.null();
  }
  write_last_sync(json, view.facts.latest);
  json.member("tags", source.tags);
  json.member("created_at", source.created_at);
  json.member("updated_at", source.updated_at);
  json.member("deleted_at", source.deleted_at);
  if (warnings != nullptr) write_warnings(json, *warnings);
  json.end_object();
}

void write_validation(JsonOut& json, const connector::ProbeReport& report) {
  json.begin_object();
  json.member("valid", report.valid);
  json.key("account");
  write_account(json, report.account_uuid, report.account_name);
  json.key("workspaces_visible").begin_array();
  for (const connector::VisibleWorkspace& workspace : report.workspaces) {
    json.begin_object();
    json.member("slug", workspace.slug);
    json.member("uuid", workspace.uuid);
    json.text_or_null("name", workspace.name);
    json.member("administrator", workspace.administrator);
    json.end_object();
  }
  json.end_array();
  json.key("scopes").begin_object();
  json.member("known", report.scopes_known);
  json.member("granted", report.scopes_granted);
  json.member("missing", report.scopes_missing);
  json.member("excess", report.scopes_excess);
  json.end_object();
  write_checks(json, report.checks);
  write_foreseen(json, report.coverage);
  json.key("causes").begin_array();
  if (report.error) {
    for (const Cause& cause : report.error->causes) {
      json.begin_object();
      json.member("text", cause.text);
      json.member("likelihood", cause.likelihood);
      json.end_object();
    }
  }
  json.end_array();
  json.end_object();
}

}  // namespace evidenced::api
