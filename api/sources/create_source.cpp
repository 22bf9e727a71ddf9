#include "api/sources/examine.hpp"
#include "api/sources/handlers.hpp"
#include "api/sources/source_input.hpp"
#include "connector/sync/schedule.hpp"
#include "storage/id.hpp"
#include "storage/sync_store.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace evidenced::api {
namespace {

/// What registration has gathered before its transaction.
struct Registration {
  SourceInput input;
  storage::Credential credential;
  connector::ProbeReport report;
  storage::CredentialInfo info;
  bool start_sync = true;
};

storage::Source source_of(const Registration& registration, const std::string& id, Timestamp now) {
  storage::Source source;
  source.id = id;
  source.name = registration.input.name;
  source.account_uuid = registration.report.account_uuid;
  source.account_name = registration.report.account_name;
  source.workspaces = registration.input.workspaces;
  source.interval = registration.input.interval;
  source.next_run_at = connector::next_slot(id, source.interval, now);
  source.tags = registration.input.tags;
  source.created_at = now;
  source.updated_at = now;
  return source;
}

/// Writes the answer twice: for the client, and for a replay, which may hold no e-mail.
Result<Response> write_created(storage::Connection& connection, Exchange& exchange,
                               storage::Source source, const std::vector<Warning>& warnings) {
  const SourceView view = load_view(connection, exchange, std::move(source), true);
  JsonOut json(exchange.buffer);
  write_source(json, view, Email::shown, exchange.now, &warnings);
  Response response = exchange.reply(201);
  response.set("Location", "/v1/sources/" + view.source.id);
  if (view.facts.latest) {
    response.set("Link", fmt::format("</v1/syncs/{}>; rel=\"latest-sync\"", view.facts.latest->id));
  }
  std::string stored;
  JsonOut masked(stored);
  write_source(masked, view, Email::masked, exchange.now, &warnings);
  Result<void> remembered = exchange.remember(connection, response, stored);
  if (!remembered) return fail(remembered);
  return response;
}

Result<Response> store(storage::Connection& connection, Exchange& exchange,
                       const Registration& registration) {
  Random& random = exchange.core.services.random;
  const std::string id = storage::new_id("src", exchange.now, random);
  const storage::Source source = source_of(registration, id, exchange.now);
  std::vector<Warning> warnings = warnings_of(registration.report);
  Result<void> alone =
      check_overlap(connection, exchange, source, registration.credential.email.reveal(), warnings);
  if (!alone) return fail(alone);
  storage::insert_source(connection, exchange.tenant(), source);
  Result<storage::CredentialInfo> sealed = exchange.core.services.vault.put(
      connection, exchange.tenant(), id, registration.credential, registration.info, random);
  if (!sealed) return fail(sealed);
  tell_of_source(connection, exchange, "source.created", source);
  if (registration.start_sync) {
    storage::SyncRequest request;
    request.source_id = id;
    storage::enqueue_sync(connection, exchange.tenant(), request, exchange.now, random);
  }
  return write_created(connection, exchange, source, warnings);
}

/// What other sources have to say of a new one: the refusal or the warnings of its registration.
Task<void> compare_with_others(const Call& call, Registration& registration) {
  Exchange& exchange = *call;
  const storage::Source source = source_of(registration, "", exchange.now);
  std::vector<Warning> warnings;
  auto work = [&](storage::Connection& connection) -> Result<void> {
    return check_overlap(connection, exchange, source, registration.credential.email.reveal(),
                         warnings);
  };
  const Result<void> alone = co_await reading(call, std::move(work));
  connector::ProbeReport& report = registration.report;
  if (!alone) {
    report.checks.push_back(failed_check("others", alone.error()));
    report.valid = false;
    report.error = alone.error();
  }
  for (Warning& warning : warnings) {
    report.checks.push_back({"others", "warning", std::string(warning.code.text()),
                             std::move(warning.detail), std::move(warning.remedy)});
  }
}

Task<Result<Response>> validation_answer(Call call, Registration& registration) {
  Exchange& exchange = *call;
  if (registration.report.valid) {
    use_slugs_seen(registration.input.workspaces, registration.report);
    co_await compare_with_others(call, registration);
  }
  JsonOut json(exchange.buffer);
  write_validation(json, registration.report);
  co_return exchange.reply(200);
}

}  // namespace

Task<Result<Response>> create_source(Call call) {
  Exchange& exchange = *call;
  // A key that sees only some sources could not see the new one.
  if (!exchange.key->key.source_ids.empty()) {
    co_return fail("auth.forbidden", "A key limited to sources cannot register another");
  }
  Registration registration;
  Result<SourceInput> input =
      read_source(exchange.body, exchange.core.services.settings.connector.default_interval);
  if (!input) co_return fail(input);
  registration.input = std::move(*input);
  registration.start_sync = exchange.body.boolean_or("start_sync", true);
  CredentialInput given = take_credential(*exchange.body.find("credential"));
  registration.credential = std::move(given.credential);

  const Result<void> hidden = refuse_shown_token(registration.input.name, registration.input.tags,
                                                 registration.credential.token.reveal());
  if (!hidden) co_return fail(hidden);

  storage::Credential copy{registration.credential.email.clone(),
                           registration.credential.token.clone()};
  auto workspaces = registration.input.workspaces;
  auto report = co_await examine(call, std::move(copy), std::move(workspaces), given.expires_at);
  registration.report = std::move(report);
  if (exchange.query.flag("validate_only")) {
    co_return co_await validation_answer(call, registration);
  }
  if (!registration.report.valid) co_return std::unexpected(*registration.report.error);
  use_slugs_seen(registration.input.workspaces, registration.report);
  registration.info = info_of(registration.report, given.expires_at, exchange.now);
  auto work = [&](storage::Connection& connection) {
    return store(connection, exchange, registration);
  };
  Result<Response> response = co_await writing(call, std::move(work));
  if (response) exchange.core.services.sync_control.wake();
  co_return response;
}

}  // namespace evidenced::api
