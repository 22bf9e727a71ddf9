// Goal: a session has the rights of its key and not a moment longer, and nobody but the page that
// signed in can use it (quality T-47). Method: the API on virtual time, with the cookies and fields
// that a browser sends, and those that an attacker can make it send.
#include "config/version.hpp"
#include "tests/api/world.hpp"
#include "tests/captured_stderr.hpp"
#include "tests/catch.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <set>

using namespace evidenced;
using namespace evidenced::api;
using namespace evidenced::api::tests;
using namespace std::chrono_literals;

namespace {

using Fields = std::map<std::string, std::string>;

const std::string host = "127.0.0.1:8080";
const Fields from_our_page = {{"host", host}, {"origin", "http://" + host}};

/// What stands in a Set-Cookie field before the first ';'.
std::string cookie_in(const Answer& answer) {
  const std::string field = answer.header("Set-Cookie");
  return field.substr(0, field.find(';'));
}

/// A browser: keeps the cookie and the token of one session.
class Browser {
 public:
  explicit Browser(World& world) : world_(world) {}

  Answer sign_in(const std::string& body, Fields fields = from_our_page) {
    if (!cookie.empty()) fields.emplace("cookie", cookie);
    const Answer answer = world_.ask(
        {.method = Method::post, .target = "/ui/session", .body = body, .headers = fields});
    if (answer.status == 201) {
      cookie = cookie_in(answer);
      token = answer.text("/csrf_token");
    }
    return answer;
  }
  Answer sign_in_with(const std::string& key) {
    return sign_in(R"({"key":")" + world_.key(key) + "\"}");
  }

  Answer get(const std::string& target) {
    return world_.ask({.target = target, .headers = {{"cookie", cookie}, {"host", host}}});
  }
  Answer send(Method method, const std::string& target, const std::string& body = "") {
    Fields fields = from_our_page;
    fields["cookie"] = cookie;
    fields["x-csrf-token"] = token;
    return world_.ask({.method = method, .target = target, .body = body, .headers = fields});
  }

  std::string cookie;
  std::string token;

 private:
  World& world_;
};

std::string code_of(const Answer& link) {
  const std::string url = link.text("/url");
  return url.substr(url.find("#code=") + 6);
}

/// "type reason" of the events about sessions, in their order.
std::vector<std::string> session_events(World& world) {
  std::vector<std::string> told;
  const Answer changes = world.get("/v1/changes?limit=500");
  for (const auto& item : changes.json().at("items").as_array()) {
    const std::string type(item.at("type").as_string());
    if (!type.starts_with("session.")) continue;
    const auto* reason = item.at("data").as_object().if_contains("reason");
    told.push_back(reason == nullptr ? type : type + " " + std::string(reason->as_string()));
  }
  return told;
}

}  // namespace

TEST_CASE("a key signs in, and its session reads and writes as the key does") {
  World world;
  Browser browser(world);
  const Answer made = browser.sign_in_with("admin");
  REQUIRE(made.status == 201);
  CHECK(made.text("/principal/name") == "admin");
  CHECK(made.text("/version") == version);
  CHECK(made.body.find(browser.cookie.substr(browser.cookie.find('=') + 1)) == std::string::npos);

  const Answer session = browser.get("/ui/session");
  REQUIRE(session.status == 200);
  CHECK(session.text("/csrf_token") == browser.token);
  CHECK(session.text("/expires_at") == made.text("/expires_at"));
  CHECK(browser.get("/v1/principal").text("/name") == "admin");
  CHECK(browser.send(Method::post, "/v1/api-keys", R"({"name":"x","roles":["auditor"]})").status ==
        201);
  CHECK(session_events(world) == std::vector<std::string>{"session.started"});
}

TEST_CASE("the cookie is Secure and bound to the host wherever browsers come by TLS") {
  World world;
  Browser browser(world);
  CHECK(browser.sign_in_with("admin").header("Set-Cookie").starts_with("evidenced="));
  CHECK(browser.sign_in_with("admin").header("Set-Cookie").find("Secure") == std::string::npos);
  world.settings.server.public_url = "https://evidence.example.com/";
  Browser secure(world);
  const std::string field = secure.sign_in_with("admin").header("Set-Cookie");
  CHECK(field.starts_with("__Host-evidenced="));
  for (const std::string_view flag :
       {"; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure", "; Max-Age=86400"}) {
    CHECK(field.find(flag) != std::string::npos);
  }
  CHECK(field.find("Domain") == std::string::npos);
  CHECK(secure.get("/v1/principal").status == 200);
  // A cookie that anybody beside us can set is not looked at there.
  secure.cookie = secure.cookie.substr(secure.cookie.find("evidenced="));
  CHECK(secure.get("/v1/principal").code() == "auth.missing");
}

TEST_CASE("a stolen cookie changes nothing without the token and a page of ours") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  Browser other(world);
  REQUIRE(other.sign_in_with("admin").status == 201);
  const std::string body = R"({"name":"x","roles":["admin"]})";
  const Fields whole = {{"host", host},
                        {"origin", "http://" + host},
                        {"cookie", browser.cookie},
                        {"x-csrf-token", browser.token}};
  const auto status_with = [&](const std::string& name, const std::string& value) {
    Fields fields = whole;
    fields.erase(name);
    if (!value.empty()) fields[name] = value;
    const Answer answer = world.ask(
        {.method = Method::post, .target = "/v1/api-keys", .body = body, .headers = fields});
    if (answer.status == 403) CHECK(answer.code() == "session.csrf");
    return answer.status;
  };
  CHECK(status_with("accept", "") == 201);
  CHECK(status_with("x-csrf-token", "") == 403);
  CHECK(status_with("x-csrf-token", other.token) == 403);
  CHECK(status_with("x-csrf-token", browser.token + "0") == 403);
  CHECK(status_with("origin", "") == 403);
  CHECK(status_with("origin", "null") == 403);
  CHECK(status_with("origin", "https://evil.example.com") == 403);
  CHECK(status_with("origin", "http://127.0.0.1:8081") == 403);
  CHECK(status_with("origin", "http://127.0.0.1:8080.evil.example.com") == 403);
  CHECK(status_with("sec-fetch-site", "same-origin") == 201);
  CHECK(status_with("sec-fetch-site", "cross-site") == 403);
  CHECK(status_with("sec-fetch-site", "same-site") == 403);
  CHECK(world.get("/v1/api-keys").json().at("items").as_array().size() == 6);
}

TEST_CASE("Sec-Fetch-Site alone proves where a request comes from, also behind a proxy with TLS") {
  World world;
  world.settings.server.public_url = "https://evidence.example.com";
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  const auto status_from = [&](const std::string& field, const std::string& value) {
    Fields fields = {{"cookie", browser.cookie}, {"x-csrf-token", browser.token}, {field, value}};
    return world.ask({.method = Method::post, .target = "/v1/sign-in-links", .headers = fields})
        .status;
  };
  CHECK(status_from("sec-fetch-site", "same-origin") == 201);
  CHECK(status_from("sec-fetch-site", "none") == 403);
  CHECK(status_from("origin", "https://evidence.example.com") == 201);
  CHECK(status_from("origin", "http://evidence.example.com") == 403);
}

TEST_CASE("a page of another site cannot even read, and cannot sign anybody in") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  for (const auto& [name, value] :
       Fields{{"sec-fetch-site", "cross-site"}, {"origin", "https://evil.example.com"}}) {
    CAPTURE(name);
    const Answer read = world.ask(
        {.target = "/v1/principal", .headers = {{"cookie", browser.cookie}, {name, value}}});
    CHECK(read.code() == "session.csrf");
    Browser victim(world);
    const std::string body = R"({"key":")" + world.key("auditor") + "\"}";
    CHECK(victim.sign_in(body, {{"host", host}, {name, value}}).code() == "session.csrf");
    CHECK(victim.cookie.empty());
  }
  // Typed into the bar of addresses.
  CHECK(world
            .ask({.target = "/v1/principal",
                  .headers = {{"cookie", browser.cookie}, {"sec-fetch-site", "none"}}})
            .status == 200);
}

TEST_CASE("a request with a key is answered by the key, whatever cookies and pages it names") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  const Fields fields = {{"cookie", browser.cookie},
                         {"origin", "https://evil.example.com"},
                         {"sec-fetch-site", "cross-site"}};
  const Answer read = world.ask({.target = "/v1/principal", .key = "auditor", .headers = fields});
  CHECK(read.text("/name") == "auditor");
  CHECK(world
            .ask({.method = Method::post,
                  .target = "/v1/sign-in-links",
                  .key = "auditor",
                  .headers = fields})
            .status == 201);
  CHECK(world.ask({.target = "/ui/session", .key = "auditor", .headers = fields}).status == 404);
  CHECK(world.ask({.target = "/ui/session", .key = ""}).status == 204);
  Fields wrong = fields;
  wrong["authorization"] = "Basic YWRtaW46YWRtaW4=";
  CHECK(world.ask({.target = "/v1/principal", .headers = wrong}).code() == "auth.missing");
}

TEST_CASE("after sign-out the cookie is worth nothing") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  const Answer careless = world.ask({.method = Method::delete_,
                                     .target = "/ui/session",
                                     .headers = {{"cookie", browser.cookie}, {"host", host}}});
  CHECK(careless.code() == "session.csrf");
  const Answer out = browser.send(Method::delete_, "/ui/session");
  CHECK(out.status == 204);
  CHECK(out.header("Set-Cookie").starts_with("evidenced=; Path=/; Max-Age=0;"));
  CHECK(browser.get("/v1/principal").code() == "session.ended");
  CHECK(browser.get("/ui/session").status == 401);
  CHECK(browser.send(Method::delete_, "/ui/session").status == 401);
  CHECK(session_events(world) ==
        std::vector<std::string>{"session.started", "session.ended signed_out"});
}

TEST_CASE("a revoked key ends its sessions at once, and those of no other") {
  World world;
  Browser auditor(world), admin_(world);
  REQUIRE(auditor.sign_in_with("auditor").status == 201);
  REQUIRE(admin_.sign_in_with("admin").status == 201);
  const Answer link = auditor.send(Method::post, "/v1/sign-in-links");
  const std::string id = auditor.get("/v1/principal").text("/id");
  REQUIRE(admin_.send(Method::delete_, "/v1/api-keys/" + id).status == 204);
  CHECK(auditor.get("/v1/principal").code() == "session.ended");
  CHECK(Browser(world).sign_in(R"({"code":")" + code_of(link) + "\"}").code() ==
        "session.link_invalid");
  CHECK(admin_.get("/v1/principal").status == 200);
  CHECK(session_events(world).back() == "session.ended key_revoked");
}

TEST_CASE("a session ends with its key's expiry, while it is remembered, too") {
  World world;
  storage::ApiKey wanted;
  wanted.name = "short";
  wanted.roles = {storage::Role::auditor};
  wanted.expires_at = world.clock.now() + 10s;
  const std::string key = world.make_key(wanted);
  Browser browser(world);
  REQUIRE(browser.sign_in(R"({"key":")" + key + "\"}").status == 201);
  CHECK(browser.get("/v1/principal").status == 200);
  world.clock.advance(10s);
  CHECK(browser.get("/v1/principal").code() == "session.ended");
}

TEST_CASE("signing in always makes a new session, and ends the one that the browser had") {
  World world;
  Browser browser(world);
  const std::string planted = "evidenced=" + std::string(64, 'a');
  browser.cookie = planted;
  REQUIRE(browser.sign_in_with("auditor").status == 201);
  const std::string first = browser.cookie;
  CHECK(first != planted);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  CHECK(browser.cookie != first);
  CHECK(browser.get("/v1/principal").text("/name") == "admin");
  for (const std::string& old : {planted, first}) {
    CHECK(world.ask({.target = "/v1/principal", .headers = {{"cookie", old}}}).code() ==
          "session.ended");
  }
  CHECK(session_events(world) ==
        std::vector<std::string>{"session.started", "session.ended replaced", "session.started"});
}

TEST_CASE("two cookies, garbage and empty cookies open nothing; foreign ones do not matter") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  const std::string secret = browser.cookie.substr(browser.cookie.find('=') + 1);
  const auto answer_to = [&](const std::string& cookie) {
    return world.ask({.target = "/v1/principal", .headers = {{"cookie", cookie}}});
  };
  for (const std::string& cookie :
       {browser.cookie + "; evidenced=" + std::string(64, 'b'),
        "evidenced=" + std::string(64, 'b') + "; " + browser.cookie,
        browser.cookie + ";" + browser.cookie, browser.cookie + "0", std::string("evidenced="),
        std::string("evidenced"), std::string("evidenced=\"" + secret + "\""),
        "evidenced=" + std::string(3000, 'a'), std::string("evidenced=' OR 1=1 --"),
        "evidenced=" + std::string(64, '\xff')}) {
    CAPTURE(cookie);
    CHECK(answer_to(cookie).code() == "session.ended");
  }
  for (const std::string& cookie :
       {std::string("theme=dark"), std::string(";;;=;"), "Evidenced=" + secret,
        "__Host-evidenced=" + secret, "xevidenced=" + secret}) {
    CAPTURE(cookie);
    CHECK(answer_to(cookie).code() == "auth.missing");
  }
  CHECK(answer_to("theme=dark;  " + browser.cookie + "; a=b").status == 200);
  // The secret of a session is no key, remembered or not.
  CHECK(world.get("/v1/principal", secret).code() == "auth.invalid");
}

TEST_CASE("a session that is not used ends after 8 hours, one that is used after 24") {
  World world;
  Browser idle(world), busy(world);
  REQUIRE(idle.sign_in_with("admin").status == 201);
  REQUIRE(busy.sign_in_with("admin").status == 201);
  const Timestamp began = world.clock.now();
  world.clock.advance(8h - 1s);
  CHECK(busy.get("/v1/principal").status == 200);
  world.clock.advance(2s);
  CHECK(idle.get("/v1/principal").code() == "session.ended");
  CHECK(busy.get("/v1/principal").status == 200);
  const std::string absolute = busy.get("/ui/session").text("/expires_at");
  while (world.clock.now() - began < 24h - 10min) {
    CHECK(busy.get("/ui/session").text("/expires_at") == absolute);
    world.clock.advance(1h);
  }
  world.clock.advance(24h - (world.clock.now() - began));
  CHECK(busy.get("/v1/principal").code() == "session.ended");
}

TEST_CASE("a feed that is followed ends with the session, and is no use of it") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  const Timestamp used = world.clock.now();
  REQUIRE(browser.get("/v1/events").status == 200);  // followed for a minute
  world.clock.advance(2min);
  const auto noted = world.write([](storage::Connection& connection) {
    std::int64_t at = 0;
    connection.query("SELECT last_used_at FROM console_sessions", {},
                     [&](const storage::Row& row) { at = row.integer(0); });
    return at;
  });
  CHECK(*noted == used.time_since_epoch().count());

  Request request;
  request.target = "/v1/events";
  request.headers = {{"cookie", browser.cookie}};
  const Response events = world.run(world.api->handle(std::move(request), ""));
  REQUIRE(events.stream);
  CHECK(world.run(events.stream->next())->starts_with("retry:"));
  REQUIRE(browser.send(Method::delete_, "/ui/session").status == 204);
  const std::string rest = *world.run(events.stream->next());
  CHECK(rest.empty());
}

TEST_CASE("the session of a limited key stays limited") {
  World world;
  world.control.answer.workspaces.push_back({"{b}", "second", "", false});
  const std::string seen =
      world.register_source(registration(R"(,"workspaces":["example-works"])"));
  const std::string hidden =
      world.register_source(registration(R"(,"workspaces":["second"])", "Hidden"));
  storage::ApiKey wanted;
  wanted.name = "limited";
  wanted.roles = {storage::Role::auditor};
  wanted.source_ids = {seen};
  wanted.window.to = world.clock.now();
  const std::string key = world.make_key(wanted);
  world.clock.advance(1s);
  world.collect(seen, "project", {draft("project", "{p}")});
  Browser browser(world);
  REQUIRE(browser.sign_in(R"({"key":")" + key + "\"}").status == 201);
  CHECK(browser.get("/v1/sources/" + seen).status == 200);
  CHECK(browser.get("/v1/sources/" + hidden).status == 404);
  CHECK(browser.get("/v1/artifacts").json().at("items").as_array().empty());
  CHECK(browser.send(Method::post, "/v1/sources", registration()).code() == "auth.forbidden");
  CHECK(browser.get("/v1/api-keys").code() == "auth.forbidden");
  // So does one that its link makes, and it hears of nobody else's sessions.
  const Answer link = browser.send(Method::post, "/v1/sign-in-links");
  Browser linked(world);
  REQUIRE(linked.sign_in(R"({"code":")" + code_of(link) + "\"}").status == 201);
  CHECK(linked.get("/v1/sources/" + hidden).status == 404);
  CHECK(linked.get("/v1/changes").body.find("session.") == std::string::npos);
}

TEST_CASE("a link signs in once, within five minutes") {
  World world;
  const auto make = [&] { return world.post("/v1/sign-in-links", "", "operator"); };
  const Answer link = make();
  REQUIRE(link.status == 201);
  CHECK(link.text("/url").starts_with("/ui/sign-in#code="));
  const std::string body = R"({"code":")" + code_of(link) + "\"}";
  Browser browser(world), second(world);
  REQUIRE(browser.sign_in(body).status == 201);
  CHECK(browser.get("/v1/principal").text("/name") == "operator");
  const Answer again = second.sign_in(body);
  CHECK(again.status == 401);
  CHECK(again.code() == "session.link_invalid");
  CHECK(again.text("/detail") == "The link was used already");
  const Answer late = make();
  world.clock.advance(5min);
  CHECK(second.sign_in(R"({"code":")" + code_of(late) + "\"}").text("/detail") ==
        "The link has expired");
  CHECK(second.sign_in(R"({"code":")" + std::string(64, '0') + "\"}").text("/detail") ==
        "There is no such link");
  CHECK(second.sign_in(R"({"code":"short"})").code() == "session.link_invalid");
  CHECK(session_events(world) == std::vector<std::string>{"session.link_created", "session.started",
                                                          "session.link_created"});
}

TEST_CASE("of many who use one link at once, one gets in") {
  World world;
  const std::string code = code_of(world.post("/v1/sign-in-links", ""));
  const auto answers = world.ask_at_once(
      {.method = Method::post, .target = "/ui/session", .body = R"({"code":")" + code + "\"}"}, 8);
  std::map<int, int> statuses;
  for (const Answer& answer : answers) ++statuses[answer.status];
  CHECK(statuses == std::map<int, int>{{201, 1}, {401, 7}});
}

TEST_CASE("the answer that made a link is given again without its URL") {
  World world;
  const Ask ask = {.method = Method::post,
                   .target = "/v1/sign-in-links",
                   .key = "admin",
                   .headers = {{"idempotency-key", "once"}}};
  const Answer first = world.ask(ask), second = world.ask(ask);
  CHECK(first.status == 201);
  CHECK(second.header("Idempotency-Replayed") == "true");
  CHECK(second.json().at("url").is_null());
  CHECK(second.text("/expires_at") == first.text("/expires_at"));
}

TEST_CASE("the URL of a link is below the public one, else at the host that was asked") {
  World world;
  const auto url_with = [&](const std::string& host_field) {
    return world
        .ask({.method = Method::post,
              .target = "/v1/sign-in-links",
              .key = "admin",
              .headers = {{"host", host_field}}})
        .text("/url");
  };
  CHECK(url_with(host).starts_with("http://127.0.0.1:8080/ui/sign-in#code="));
  world.settings.server.public_url = "https://evidence.example.com/";
  CHECK(url_with(host).starts_with("https://evidence.example.com/ui/sign-in#code="));
}

TEST_CASE("who signs in with what is wrong waits as for wrong keys") {
  World world;
  std::string wrong = world.key("operator");
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  Browser browser(world);
  for (const std::string& body :
       {R"({"key":")" + wrong + "\"}", R"({"code":")" + std::string(64, '0') + "\"}"}) {
    int failures = 0;
    Answer answer = browser.sign_in(body);
    for (; answer.status == 401 && failures < 50; ++failures) answer = browser.sign_in(body);
    CHECK(failures == 10);
    CHECK(answer.code() == "auth.throttled");
    CHECK_FALSE(answer.header("Retry-After").empty());
  }
  // The key itself still signs in: it is told apart by what it is.
  CHECK(browser.sign_in_with("auditor").status == 201);
  CHECK(session_events(world) == std::vector<std::string>{"session.started"});
}

TEST_CASE("made-up sessions use up the address's guesses, one that is known goes on") {
  World world;
  Browser browser(world);
  REQUIRE(browser.sign_in_with("admin").status == 201);
  int guesses = 0;
  for (;; ++guesses) {
    std::string made_up = fmt::format("evidenced={:064x}", guesses);
    const Answer answer = world.ask({.target = "/v1/principal", .headers = {{"cookie", made_up}}});
    if (answer.status != 401) {
      CHECK(answer.code() == "quota.exceeded");
      break;
    }
  }
  CHECK(guesses == 50);
  CHECK(browser.get("/v1/principal").status == 200);
}

TEST_CASE("either a key or a code is what signs in") {
  World world;
  Browser browser(world);
  for (const std::string body : {"{}", R"({"key":"a","code":"b"})", R"({"key":""})",
                                 R"({"key":"a","more":1})", R"({"key":null})"}) {
    CAPTURE(body);
    CHECK(browser.sign_in(body).status == 400);
  }
  CHECK(browser.sign_in(R"({"key":"ev_nonsense"})").code() == "auth.invalid");
}

TEST_CASE("a key has twenty sessions at most: the idlest one ends") {
  World world;
  std::vector<Browser> browsers(21, Browser(world));
  for (Browser& browser : browsers) {
    REQUIRE(browser.sign_in_with("admin").status == 201);
    world.clock.advance(2min);
    if (&browser != &browsers.front()) REQUIRE(browsers.front().get("/v1/principal").status == 200);
  }
  CHECK(browsers[0].get("/v1/principal").status == 200);
  CHECK(browsers[1].get("/v1/principal").status == 401);
  CHECK(browsers[2].get("/v1/principal").status == 200);
}

TEST_CASE("who signs in, out or is refused is in the log, and no secret is") {
  World world;
  std::string printed;
  Browser browser(world);
  std::string wrong = world.key("admin");
  wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
  std::set<std::string> secrets = {world.key("admin"), wrong};
  {
    test::CapturedStderr captured;
    const Answer link = browser.sign_in_with("admin").status == 201
                            ? browser.send(Method::post, "/v1/sign-in-links")
                            : Answer();
    secrets.insert(code_of(link));
    secrets.insert(browser.cookie.substr(10));
    secrets.insert(browser.token);
    browser.send(Method::delete_, "/ui/session");
    browser.sign_in(R"({"key":")" + wrong + "\"}");
    printed = captured.text();
  }
  for (const std::string_view said :
       {"signed in", "signed out", "sign-in link made", "sign-in refused", "key_", "192.0.2.7"}) {
    CAPTURE(said, printed);
    CHECK(printed.find(said) != std::string::npos);
  }
  for (const std::string& secret : secrets) {
    REQUIRE(secret.size() >= 60);
    CHECK(printed.find(secret.substr(0, 30)) == std::string::npos);
  }
}
