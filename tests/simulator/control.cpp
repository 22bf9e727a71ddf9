#include "tests/simulator/control.hpp"

#include "tests/simulator/scenario.hpp"
#include "tests/simulator/target.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <algorithm>
#include <charconv>
#include <set>
#include <stdexcept>

namespace evidenced::simulator {
namespace {

SimResponse reply(int status, std::string body, std::string type = "application/json") {
  SimResponse response;
  response.status = status;
  response.headers = {{"content-type", std::move(type)}};
  response.body = std::move(body);
  return response;
}

SimResponse reply(const json::value& body) {
  return reply(200, json::serialize(body));
}

std::size_t number(const std::string& text) {
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || read.ptr != text.data() + text.size())
    throw std::invalid_argument("no number: " + text);
  return value;
}

json::object object_of(const std::string& body) {
  return json::parse(body).as_object();
}

}  // namespace

SimResponse Control::answer(const SimRequest& request, const std::string& body) {
  const Target target = read_target(request.target);
  const std::string what = request.method + " " + target.segments.at(1);
  try {
    if (what == "GET status") return status();
    if (what == "GET expected") return expected(request.target);
    if (what == "GET requests") return requests();
    if (what == "GET repositories") return repositories();
    if (what == "POST mutate") {
      const std::size_t steps = number(target.find("n").value_or("1"));
      const std::size_t kinds = number(target.find("kinds").value_or(std::to_string(mutate_all)));
      return reply(json::value{
          {"changes", json::value_from(simulator_.mutate(steps, static_cast<unsigned>(kinds)))}});
    }
    if (what == "POST live") return live(number(target.find("minutes").value_or("0")));
    if (what == "POST tokens" && target.segments.size() > 2)
      return change_token(number(target.segments[2]), body);
    if (what == "POST tokens") return issue(body);
    if (what == "POST switches") {
      apply_switches(simulator_, object_of(body));
    } else if (what == "POST faults") {
      simulator_.add_fault(read_fault(simulator_, object_of(body)));
    } else if (what == "DELETE faults") {
      simulator_.clear_faults();
    } else if (what == "DELETE requests") {
      simulator_.clear_log();
    } else {
      return reply(404, "no such control\n", "text/plain");
    }
    return reply(json::object{});
  } catch (const std::exception& problem) {
    return reply(400, std::string(problem.what()) + "\n", "text/plain");
  }
}

Token& Control::token_at(std::size_t index) {
  if (index >= tokens_.size()) throw std::invalid_argument("no token of that number");
  return *tokens_[index];
}

SimResponse Control::status() {
  std::map<std::string, std::int64_t> by_status;
  std::map<std::string, std::int64_t> by_group;
  for (const LogEntry& entry : simulator_.log()) {
    ++by_status[std::to_string(entry.status)];
    ++by_group[entry.group];
  }
  return reply(json::value{{"requests", simulator_.log().size()},
                           {"by_status", json::value_from(by_status)},
                           {"by_group", json::value_from(by_group)},
                           {"workspaces", simulator_.world().workspaces.size()},
                           {"repositories", simulator_.world().repository_count()},
                           {"pull_requests", simulator_.world().pull_request_count()}});
}

SimResponse Control::expected(const std::string& target) {
  const Target parts = read_target(target);
  const Token& token = token_at(number(parts.find("token").value_or("0")));
  std::map<std::string, std::int64_t> counts;
  std::string lines;
  std::set<std::string> kinds = parts.find("all") ? all_kinds() : first_kinds();
  const auto only = parts.all("kind");
  if (!only.empty()) kinds = {only.begin(), only.end()};
  for (const ExpectedObject& object : simulator_.expected(token, {}, kinds)) {
    ++counts[object.kind];
    lines += json::serialize(json::value{
        {"kind", object.kind}, {"key", json::value_from(object.key)}, {"json", object.json}});
    lines += '\n';
  }
  if (parts.find("counts")) return reply(json::value_from(counts));
  return reply(200, std::move(lines), "application/x-ndjson");
}

SimResponse Control::live(std::size_t minutes) {
  const auto lines =
      minutes == 0 ? simulator_.live() : simulator_.live(std::chrono::minutes(minutes));
  return reply(json::value{{"changes", json::value_from(lines)}});
}

SimResponse Control::requests() {
  std::string lines;
  for (const LogEntry& entry : simulator_.log()) {
    json::array names;
    for (const auto& [name, value] : entry.request.headers) names.emplace_back(name);
    lines += json::serialize(json::value{{"method", entry.request.method},
                                         {"target", entry.request.target},
                                         {"host", entry.request.header("host")},
                                         {"status", entry.status},
                                         {"group", entry.group},
                                         {"headers", names}});
    lines += '\n';
  }
  return reply(200, std::move(lines), "application/x-ndjson");
}

SimResponse Control::repositories() {
  json::array list;
  for (const auto& workspace : simulator_.world().workspaces) {
    for (const auto& repository : workspace->repositories) {
      list.push_back({{"workspace", workspace->slug},
                      {"slug", repository->slug},
                      {"uuid", repository->uuid},
                      {"pull_requests", repository->pull_requests.size()}});
    }
  }
  return reply(list);
}

SimResponse Control::issue(const std::string& body) {
  tokens_.push_back(&simulator_.add_token(read_token(object_of(body))));
  return reply(json::value{{"index", tokens_.size() - 1},
                           {"email", tokens_.back()->email},
                           {"token", tokens_.back()->token}});
}

SimResponse Control::change_token(std::size_t index, const std::string& body) {
  Token& token = token_at(index);
  const json::object script = object_of(body);
  const auto texts = [&](const char* name) {
    return json::value_to<std::set<std::string>>(script.at(name));
  };
  if (script.contains("revoked")) token.revoked = script.at("revoked").as_bool();
  if (script.contains("administrated_repositories"))
    token.administrated_repositories = texts("administrated_repositories");
  if (script.contains("administrated_projects"))
    token.administrated_projects = texts("administrated_projects");
  if (script.contains("role")) token.role = read_token({{"role", script.at("role")}}).role;
  if (script.contains("hidden")) token.hidden_repositories = texts("hidden");
  if (script.contains("forbidden")) token.forbidden_repositories = texts("forbidden");
  if (script.contains("scopes"))
    token.scopes = json::value_to<std::vector<std::string>>(script.at("scopes"));
  return reply(json::object{});
}

SimResponse control_replay(Replay& replay, const SimRequest& request) {
  const Target target = read_target(request.target);
  const std::string what = request.method + " " + target.segments.at(1);
  try {
    if (what == "GET served") {
      std::string lines;
      const auto shown = replay.served();
      for (const ReplayItem& item : replay.items()) {
        const bool wanted = target.find("all").has_value() ||
                            std::find(shown.begin(), shown.end(), &item) != shown.end();
        if (!wanted) continue;
        lines += json::serialize(json::value{{"kind", item.kind},
                                             {"source", item.source},
                                             {"identity", item.identity},
                                             {"parent", item.parent},
                                             {"body", item.body}});
        lines += '\n';
      }
      return reply(200, std::move(lines), "application/x-ndjson");
    }
    if (what == "POST round")
      replay.start_round(static_cast<int>(number(target.find("n").value_or(""))));
    if (what == "POST round" || what == "GET status")
      return reply(json::value{{"requests", replay.log().size()},
                               {"round", replay.round()},
                               {"rounds", replay.rounds()}});
  } catch (const std::exception& problem) {
    return reply(400, std::string(problem.what()) + "\n", "text/plain");
  }
  return reply(404, "no such control\n", "text/plain");
}

}  // namespace evidenced::simulator
