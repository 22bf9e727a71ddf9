#include "tests/simulator/simulator.hpp"

#include "tests/simulator/exchange.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace evidenced::simulator {
namespace {

SimResponse json_answer(int status, std::string_view body) {
  SimResponse response;
  response.status = status;
  response.headers = {{"content-type", "application/json; charset=utf-8"},
                      {"server", "AtlassianEdge"}};
  response.body = body;
  return response;
}

/// A scripted answer: its media type follows from how its text looks.
SimResponse scripted(int status, std::string_view text) {
  SimResponse response = json_answer(status, text);
  if (text.empty() && status >= 500) response.body = "<html><h1>upstream error</h1></html>";
  if (response.body.starts_with('<')) {
    response.headers[0].second = "text/html; charset=utf-8";
  } else if (!response.body.starts_with('{') && !response.body.starts_with('[')) {
    response.headers[0].second = "text/plain";
  }
  return response;
}

std::string origin_of(const SimRequest& request) {
  const std::string_view host = request.header("host");
  return "https://" + (host.empty() ? std::string("api.bitbucket.org") : std::string(host));
}

/// `target` with another page number and, when given, a cursor.
std::string page_link(const SimRequest& request, std::string_view page, std::string_view cursor) {
  std::string link = origin_of(request);
  const std::size_t mark = request.target.find('?');
  link += request.target.substr(0, mark);
  std::string query = "?";
  const Target target = read_target(request.target);
  for (const auto& parameter : target.parameters) {
    if (parameter.name != "page" && parameter.name != "cursor") query += parameter.raw + "&";
  }
  query += "page=" + std::string(page);
  if (!cursor.empty()) query += "&cursor=" + std::string(cursor);
  return link + query;
}

/// Changes the page in the body, if it is one.
void rewrite(SimResponse& response, const std::function<void(json::object&)>& change) {
  boost::system::error_code failed;
  json::value body = json::parse(response.body, failed);
  if (failed || !body.is_object()) return;
  change(body.get_object());
  response.body = json::serialize(body);
}

std::optional<SimResponse> replaced(const Fault& fault) {
  switch (fault.kind) {
    case FaultKind::status:
      return scripted(fault.status, fault.text);
    case FaultKind::unauthorized:
      return json_answer(401,
                         R"({"type":"error","error":{"message":"Token is invalid, expired, or )"
                         R"(not supported for this endpoint."}})");
    case FaultKind::forbidden:
      return json_answer(403, R"({"type":"error","error":{"message":"Forbidden"}})");
    case FaultKind::empty_list:
      return json_answer(200, R"({"pagelen": 10, "values": [], "page": 1, "size": 0})");
    case FaultKind::not_json:
      return json_answer(200, fault.text.empty() ? R"({"values": [)" : fault.text);
    default:
      return std::nullopt;
  }
}

void bend_next(const Fault& fault, const SimRequest& request, SimResponse& response) {
  rewrite(response, [&](json::object& page) {
    if (!page.contains("values")) return;
    const std::string number = read_target(request.target).find("page").value_or("1");
    if (fault.kind == FaultKind::self_loop) page["next"] = page_link(request, number, "");
    if (fault.kind == FaultKind::two_cycle)
      page["next"] = page_link(request, number == "1" ? "2" : "1", "");
    if (fault.kind == FaultKind::ever_new_cursor)
      page["next"] = page_link(request, "1", std::to_string(fault.seen));
    if (fault.kind == FaultKind::foreign_next) page["next"] = fault.text;
    if (fault.kind == FaultKind::no_next) page.erase("next");
  });
}

void bend_values(const Fault& fault, SimResponse& response) {
  rewrite(response, [&](json::object& page) {
    bend_fields(fault, page);
    if (fault.kind == FaultKind::oversize) {
      page["padding"] = std::string(fault.size, 'x');
      return;
    }
    json::value* values = page.if_contains("values");
    if (values == nullptr || !values->is_array()) return;
    json::array& rows = values->get_array();
    if (fault.kind == FaultKind::string_values)
      rows.insert(rows.begin(), "A workspace on a Free plan does not support this...");
    for (json::value& row : rows) {
      if (fault.kind == FaultKind::no_type && row.is_object()) row.get_object().erase("type");
    }
  });
}

void announce(const Fault& fault, SimResponse& response) {
  if (fault.kind != FaultKind::announce) return;
  response.headers.emplace_back("sunset", fault.text);
  response.headers.emplace_back(
      "link", R"(<https://developer.example.com/changelog#CHANGE-1>; rel="sunset")");
}

void damage(const Fault& fault, SimResponse& response) {
  static const std::map<FaultKind, Damage> kinds{
      {FaultKind::reset_before, Damage::reset_before},
      {FaultKind::reset_mid_body, Damage::reset_mid_body},
      {FaultKind::truncate, Damage::truncate},
      {FaultKind::slow, Damage::slow},
      {FaultKind::never, Damage::never},
      {FaultKind::gzip_truncate, Damage::gzip_truncate},
      {FaultKind::gzip_corrupt, Damage::gzip_corrupt},
      {FaultKind::gzip_bomb, Damage::gzip_bomb}};
  const auto found = kinds.find(fault.kind);
  if (found == kinds.end()) return;
  response.damage = found->second;
  response.delay = fault.delay;
  response.inflated = fault.size;
}

}  // namespace

std::string ExpectedObject::name() const {
  std::string text = kind + " ";
  for (const std::string& part : key) text += (text.back() == ' ' ? "" : "/") + part;
  return text;
}

Simulator::Simulator(World world, const Clock& clock)
    : world_(std::move(world)),
      clock_(clock),
      bodies_(world_),
      setup_bodies_(bodies_),
      delivery_bodies_(world_, bodies_) {}

Simulator::~Simulator() = default;

Token& Simulator::add_token(TokenOptions options) {
  Token token;
  static_cast<TokenOptions&>(token) = std::move(options);
  if (token.token.empty()) token.token = made_up_token(token.kind, dice_.next());
  if (token.email.empty()) token.email = world_.people[token.person].email;
  token.authorization = token.kind == CredentialKind::workspace_access_token
                            ? "Bearer " + token.token
                            : "Basic " + encode_base64(token.email + ":" + token.token);
  tokens_.push_back(std::move(token));
  return tokens_.back();
}

bool Simulator::take_from_budget(const std::string& account, const std::string& group,
                                 std::int64_t limit) {
  if (limit <= 0) return true;
  auto& times = budgets_[account + " " + group];
  const SteadyTime now = clock_.steady();
  while (!times.empty() && now - times.front() >= std::chrono::hours(1)) times.pop_front();
  if (static_cast<std::int64_t>(times.size()) >= limit) return false;
  times.push_back(now);
  return true;
}

SimResponse Simulator::answer(const SimRequest& request) {
  ++requests_;
  if (switches.lives) live();
  std::vector<Fault> hits;
  for (Fault& fault : faults_) {
    const bool fits = request.target.starts_with(fault.path) &&
                      request.target.find(fault.contains) != std::string::npos;
    if (!fits || ++fault.seen < fault.first) continue;
    if (fault.count == 0 || fault.seen < fault.first + fault.count) hits.push_back(fault);
  }
  for (const Fault& fault : hits) {
    if (fault.kind == FaultKind::action && fault.action) fault.action();
  }
  Exchange exchange(*this, request);
  SimResponse response = exchange.run();
  for (const Fault& fault : hits) {
    if (auto instead = replaced(fault)) response = std::move(*instead);
    bend_next(fault, request, response);
    bend_values(fault, response);
    announce(fault, response);
    damage(fault, response);
  }
  log_.push_back({request, response.status, clock_.steady(), std::string(exchange.group()),
                  exchange.account()});
  return response;
}

std::size_t Simulator::busiest_hour(const std::string& account, const std::string& group) const {
  std::vector<SteadyTime> times;
  for (const LogEntry& entry : log_) {
    if (entry.account == account && entry.group == group) times.push_back(entry.at);
  }
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    while (times[i] - times[first] >= std::chrono::minutes(60)) ++first;
    most = std::max(most, i - first + 1);
  }
  return most;
}

}  // namespace evidenced::simulator
