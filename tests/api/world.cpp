#include "tests/api/world.hpp"

#include "api/json_in.hpp"
#include "api/schema.hpp"
#include "api/target.hpp"
#include "storage/sync_store.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace evidenced::api::tests {
namespace {

std::string find_header(const std::vector<std::pair<std::string, std::string>>& headers,
                        std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

void check_body(std::string_view schema, std::string_view body) {
  static const Schemas schemas;
  Result<JsonDocument> document = read_json(body);
  REQUIRE(document);
  for (const FieldError& error : schemas.check(document->value, schema)) {
    INFO("schema " << schema << " " << error.pointer << " " << error.detail << "\n" << body);
    CHECK(false);
  }
}

std::string schema_name(const boost::json::value& media) {
  const std::string reference(media.at("schema").at("$ref").as_string());
  return reference.substr(reference.rfind('/') + 1);
}

std::string lower_name(Method method) {
  std::string name(method_name(method == Method::head ? Method::get : method));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace

std::string Answer::header(std::string_view name) const {
  return find_header(headers, name);
}

std::string Answer::trailer(std::string_view name) const {
  return find_header(trailers, name);
}

boost::json::value Answer::json() const {
  INFO(body);
  REQUIRE_FALSE(body.empty());
  return boost::json::parse(body);
}

std::string Answer::text(std::string_view pointer) const {
  if (body.empty()) return "";
  const boost::json::value root = boost::json::parse(body);
  boost::json::error_code ec;
  const auto* found = root.find_pointer({pointer.data(), pointer.size()}, ec);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

World::World() {
  folder_ = test::make_folder(std::filesystem::temp_directory_path());
  storage::SqliteOptions options;
  options.path = (folder_ / "evidenced.db").string();
  options.create = true;
  options.inline_threads = true;
  auto opened = storage::open_sqlite(options);
  REQUIRE(opened);
  database = std::move(*opened);
  const Secret master(std::string(32, 'm'));
  auto created = write([&](storage::Connection& connection) -> Result<void> {
    auto made = storage::Vault::create(connection, master, random);
    if (!made) return fail(made);
    vault.emplace(std::move(*made));
    return {};
  });
  REQUIRE(created);
  for (const auto& [name, role] :
       {std::pair{"admin", storage::Role::admin}, std::pair{"operator", storage::Role::operator_},
        std::pair{"reviewer", storage::Role::reviewer},
        std::pair{"auditor", storage::Role::auditor}}) {
    storage::ApiKey wanted;
    wanted.name = name;
    wanted.roles = {role};
    keys_[name] = make_key(wanted);
  }
  storage::ApiKey other;
  other.name = "other";
  other.roles = {storage::Role::admin};
  keys_["other"] = make_key(other, "other");
  settings.server.requests_per_second = 0;
  api = std::make_unique<Api>(Services{*database, *vault, control, clock, random, settings});
  Request request;
  request.target = "/openapi.json";
  published_ = run(exchange(std::move(request))).json();
}

World::~World() {
  api.reset();
  database.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Task<Answer> World::exchange(Request request) {
  Response response = co_await api->handle(std::move(request), std::string());
  Answer answer;
  answer.status = response.status;
  answer.headers = std::move(response.headers);
  answer.body = response.bytes();
  // A stream that follows the feed has no end of its own: a minute of it will do.
  const SteadyTime until = clock.steady() + std::chrono::minutes(1);
  while (response.stream && clock.steady() < until) {
    Result<std::string> piece = co_await response.stream->next();
    if (!piece) throw std::runtime_error("the stream failed");
    if (piece->empty()) break;
    answer.body += *piece;
  }
  if (response.stream) answer.trailers = response.stream->trailers();
  co_return answer;
}

Request World::make_request(const Ask& ask) {
  clock.advance(std::chrono::milliseconds(1));  // ids of one moment have no order
  Request request;
  request.method = ask.method;
  request.target = ask.target;
  request.body = ask.body;
  request.peer_address = ask.peer;
  request.request_id = fmt::format("req_{}", ++requests_);
  if (!ask.key.empty()) {
    const auto known = keys_.find(ask.key);
    request.headers.emplace_back("authorization",
                                 "Bearer " + (known == keys_.end() ? ask.key : known->second));
  }
  if (!ask.body.empty() && !ask.headers.contains("content-type")) {
    request.headers.emplace_back("content-type", "application/json");
  }
  for (const auto& [name, value] : ask.headers) request.headers.emplace_back(name, value);
  return request;
}

Answer World::ask(Ask ask) {
  Request request = make_request(ask);
  const Request copy = request;
  Answer answer = run(exchange(std::move(request)));
  check_published(copy, answer);
  return answer;
}

std::vector<Answer> World::ask_at_once(const Ask& ask, int count) {
  std::vector<Answer> answers;
  for (int i = 0; i < count; ++i) {
    boost::asio::co_spawn(io, exchange(make_request(ask)),
                          [&](std::exception_ptr, Answer answer) { answers.push_back(answer); });
  }
  while (answers.size() < static_cast<std::size_t>(count)) {
    io.restart();
    if (io.poll() == 0 && !clock.advance_to_next()) break;
  }
  return answers;
}

std::chrono::milliseconds World::ask_and_leave(const Ask& ask) {
  boost::asio::cancellation_signal leave;
  bool ended = false;
  const auto end = [&](const std::exception_ptr& failure, const Response&) {
    CHECK_FALSE(failure);
    ended = true;
  };
  const auto patient = [](Api& asked, Request request) -> Task<Response> {
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    co_await boost::asio::this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    Response response = co_await asked.handle(std::move(request), "");
    while (response.stream) {
      Result<std::string> piece = co_await response.stream->next();
      if (!piece || piece->empty()) break;
    }
    co_return response;
  };
  const SteadyTime began = clock.steady();
  boost::asio::co_spawn(io, patient(*api, make_request(ask)),
                        boost::asio::bind_cancellation_slot(leave.slot(), end));
  for (int rounds = 0; !ended && rounds < 100; ++rounds) {
    io.restart();
    io.poll();
    if (!ended && rounds == 0) leave.emit(boost::asio::cancellation_type::terminal);
    if (!ended && rounds > 0) clock.advance_to_next();
  }
  CHECK(ended);
  return std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady() - began);
}

Answer World::get(const std::string& target, const std::string& key) {
  return ask({.target = target, .key = key});
}

Answer World::post(const std::string& target, const std::string& body, const std::string& key) {
  return ask({.method = Method::post, .target = target, .key = key, .body = body});
}

void World::check_published(const Request& request, const Answer& answer) {
  CAPTURE(request.target, answer.status, answer.body.substr(0, 2000));
  CHECK(answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(answer.header("Cache-Control") == "no-store");
  const std::string type = answer.header("Content-Type");
  const std::string media = type.substr(0, type.find(';'));
  if (!answer.body.empty()) CHECK(type.find("charset=utf-8") != std::string::npos);
  if (answer.status >= 400) CHECK(media == "application/problem+json");

  const Match match = match_route(request.method, path_of(request.target));
  if (match.route == nullptr || request.method == Method::options) {
    if (answer.status >= 400) check_body("Problem", answer.body);
    return;
  }
  const auto& operation = published_.at("paths")
                              .at(boost::json::string_view(match.route->pattern))
                              .at(lower_name(request.method));
  const auto& responses = operation.at("responses").as_object();
  const auto* response = responses.if_contains(std::to_string(answer.status));
  REQUIRE(response != nullptr);
  const auto& announced = response->at("headers").as_object();
  for (const auto& [name, value] : answer.headers) {
    constexpr std::array<std::string_view, 5> of_http = {
        "Content-Type", "X-Content-Type-Options", "Cache-Control", "X-Accel-Buffering", "Allow"};
    if (std::ranges::find(of_http, name) != of_http.end()) continue;
    CAPTURE(name);
    CHECK(announced.contains(name));
  }
  const auto* content = response->as_object().if_contains("content");
  if (content == nullptr) {
    CHECK(answer.body.empty());
    return;
  }
  const auto* published = content->as_object().if_contains(media);
  REQUIRE(published != nullptr);
  if (!answer.header("Content-Encoding").empty()) return;  // the same body is checked as it is
  for (const std::string_view text :
       {"text/csv", "text/plain", "text/event-stream", "text/calendar"}) {
    if (media == text) return;
  }
  if (media != "application/x-ndjson") {
    check_body(schema_name(*published), answer.body);
    return;
  }
  std::string_view lines = answer.body;
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    REQUIRE(end != std::string_view::npos);
    check_body(schema_name(*published), lines.substr(0, end));
    lines.remove_prefix(end + 1);
  }
}

std::string World::make_key(storage::ApiKey key, const std::string& tenant) {
  auto made = write([&](storage::Connection& connection) -> Result<storage::NewKey> {
    return storage::create_key(connection, storage::TenantScope(tenant), key, *vault, clock.now(),
                               random);
  });
  REQUIRE(made);
  return std::string(made->text.reveal());
}

std::string World::register_source(const std::string& body, const std::string& key) {
  const Answer answer = post("/v1/sources", body.empty() ? registration() : body, key);
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return answer.text("/id");
}

void World::collect(const std::string& source_id, const std::string& kind,
                    const std::vector<storage::ArtifactDraft>& drafts, const std::string& tenant) {
  auto done = write([&](storage::Connection& connection) -> Result<void> {
    const storage::TenantScope scope(tenant);
    const storage::PartitionKey partition{source_id, kind, "all"};
    const auto checkpoint =
        storage::begin_walk(connection, partition, storage::SyncMode::full, "syn_collect", "");
    storage::PageCommit page;
    page.key = partition;
    page.walk = checkpoint.walk;
    page.sync_id = "syn_collect";
    page.artifacts = drafts;
    page.now = clock.now();
    storage::commit_page(connection, scope, page, random);
    storage::complete_walk(connection, scope, partition, "syn_collect", clock.now());
    return {};
  });
  REQUIRE(done);
}

void World::finish_sync(const std::string& source_id, storage::SyncResult result,
                        std::vector<storage::SyncStream> streams, const std::string& tenant) {
  auto done = write([&](storage::Connection& connection) -> Result<void> {
    const storage::TenantScope scope(tenant);
    storage::SyncRequest request;
    request.source_id = source_id;
    storage::enqueue_sync(connection, scope, request, clock.now(), random);
    while (auto claimed = storage::claim_sync(connection, clock.now())) {
      claimed->sync.state = storage::SyncState::done;
      claimed->sync.result = result;
      claimed->sync.streams = streams;
      claimed->sync.finished_at = clock.now();
      storage::save_sync(connection, scope, claimed->sync);
      storage::conclude_sync(connection, scope, claimed->sync, true, clock.now());
    }
    return {};
  });
  REQUIRE(done);
}

std::string registration(const std::string& more, const std::string& name) {
  return fmt::format(
      R"({{"kind":"bitbucket_cloud","name":"{}","credential":{{"type":"atlassian_api_token",)"
      R"("email":"{}","token":"{}"}}{}}})",
      name, canary_email, canary_token, more);
}

}  // namespace evidenced::api::tests
