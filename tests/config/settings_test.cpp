// Goal: settings come from file, environment and flags in that order of strength, and every mistake
// is named at once with its place.
// Method: files in a folder of the test's own; the environment is given, not taken.
#include "config/settings.hpp"

#include "config/settings_table.hpp"
#include "tests/catch.hpp"
#include "tests/folder.hpp"

#include <algorithm>

namespace evidenced {
namespace {

struct Fixture {
  test::Folder folder;
  SettingsInput input;

  Fixture& file(std::string_view text) {
    input.config_file = folder.write("evidenced.toml", text);
    return *this;
  }
  Fixture& env(const std::string& name, const std::string& value) {
    input.environment[name] = value;
    return *this;
  }
  Fixture& flag(const std::string& key, const std::string& value) {
    input.flags[key] = value;
    return *this;
  }
  LoadedSettings load() const {
    Result<LoadedSettings> loaded = load_settings(input);
    if (!loaded) {
      for (const FieldError& field : loaded.error().fields) {
        UNSCOPED_INFO(field.pointer + ": " + field.detail);
      }
    }
    REQUIRE(loaded.has_value());
    return std::move(*loaded);
  }
  /// The mistakes, "place: detail", without the folder's name.
  std::vector<std::string> mistakes() const {
    const Result<LoadedSettings> loaded = load_settings(input);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code.text() == "config.invalid");
    std::vector<std::string> lines;
    for (const FieldError& field : loaded.error().fields) {
      std::string place = field.pointer;
      if (place.starts_with(folder.path())) place.erase(0, folder.path().size() + 1);
      lines.push_back(place + ": " + field.detail);
    }
    return lines;
  }
  std::string origin(const std::string& key) const {
    const LoadedSettings loaded = load();
    return loaded.origins.at(key).where;
  }
};

TEST_CASE("without any source every setting has its default") {
  const LoadedSettings loaded = Fixture().file("").load();
  CHECK(loaded.settings.server.listen == "127.0.0.1:8080");
  CHECK(loaded.settings.connector.base_url == "https://api.bitbucket.org");
  CHECK(loaded.settings.storage.url == "sqlite:////var/lib/evidenced/evidenced.db");
  CHECK(loaded.origins.at("server.listen").kind == OriginKind::default_);
}

TEST_CASE("the file fills settings of every type") {
  Fixture fixture;
  fixture.file(R"(master_key_file = "master.key"
[server]
listen = "[::1]:0"
trusted_proxies = ["10.0.0.0/8", "fd00::1"]
behind_proxy = true
idle_timeout = "PT2M"
max_connections = 12
[log]
level = "warning"
format = "json"
)");
  const Settings settings = fixture.load().settings;
  CHECK(settings.master_key_file == fixture.folder.file("master.key"));
  CHECK(settings.server.listen == "[::1]:0");
  CHECK(settings.server.trusted_proxies == std::vector<std::string>{"10.0.0.0/8", "fd00::1"});
  CHECK(settings.server.behind_proxy);
  CHECK(settings.server.idle_timeout == std::chrono::minutes(2));
  CHECK(settings.server.max_connections == 12);
  CHECK(settings.log.level == log::Level::warning);
  CHECK(settings.log.format == log::Format::json);
}

TEST_CASE("a flag wins over a variable, a variable over the file, and the origin says so") {
  Fixture fixture;
  fixture.file("[server]\nlisten = \"127.0.0.1:1\"\n");
  CHECK(fixture.load().settings.server.listen == "127.0.0.1:1");
  CHECK(fixture.origin("server.listen") == fixture.folder.file("evidenced.toml:2:1"));
  fixture.env("EVIDENCED_SERVER_LISTEN", "127.0.0.1:2");
  CHECK(fixture.load().settings.server.listen == "127.0.0.1:2");
  CHECK(fixture.origin("server.listen") == "EVIDENCED_SERVER_LISTEN");
  fixture.flag("server.listen", "127.0.0.1:3");
  CHECK(fixture.load().settings.server.listen == "127.0.0.1:3");
  CHECK(fixture.origin("server.listen") == "--server-listen");
}

TEST_CASE("variables fill every type, lists separated by commas") {
  Fixture fixture;
  fixture.file("");
  fixture.env("EVIDENCED_SERVER_TRUSTED_PROXIES", "10.0.0.1, 10.0.0.2")
      .env("EVIDENCED_SERVER_BEHIND_PROXY", "true")
      .env("EVIDENCED_STORAGE_READERS", "7")
      .env("EVIDENCED_SERVER_IDLE_TIMEOUT", "PT5S")
      .env("EVIDENCED_MASTER_KEY_FILE", "/somewhere/key");
  const Settings settings = fixture.load().settings;
  CHECK(settings.server.trusted_proxies == std::vector<std::string>{"10.0.0.1", "10.0.0.2"});
  CHECK(settings.server.behind_proxy);
  CHECK(settings.storage.readers == 7);
  CHECK(settings.server.idle_timeout == std::chrono::seconds(5));
  CHECK(settings.master_key_file == "/somewhere/key");
}

TEST_CASE("all mistakes are reported at once, each with its place") {
  Fixture fixture;
  fixture.file(R"([server]
listn = "127.0.0.1:1"
max_connections = "many"
idle_timeout = 60
[storage]
readers = 0
base_url = "https://example.com"
[log]
level = "loud"
colour = true
[nothing.here]
x = 1
[servr]
y = 1
)");
  fixture.env("EVIDENCED_CONNECTOR_MAX_CONCURRENCY", "x");
  fixture.flag("server.behind_proxy", "maybe");
  CHECK(fixture.mistakes() ==
        std::vector<std::string>{
            "evidenced.toml:2:1: there is no setting server.listn; did you mean server.listen?",
            "evidenced.toml:3:1: server.max_connections must be an integer",
            "evidenced.toml:4:1: server.idle_timeout must be an ISO 8601 duration in quotes, like "
            "\"PT30S\" or \"PT1H\"",
            "evidenced.toml:6:1: storage.readers must be 1 to 64",
            "evidenced.toml:7:1: there is no setting storage.base_url; did you mean "
            "connector.base_url?",
            "evidenced.toml:9:1: log.level must be one of trace, debug, info, warning, error, off",
            "evidenced.toml:10:1: there is no setting log.colour",
            "evidenced.toml:11:2: there is no setting nothing",
            "evidenced.toml:13:2: there is no setting servr; did you mean server?",
            "EVIDENCED_CONNECTOR_MAX_CONCURRENCY: connector.max_concurrency must be an integer",
            "--server-behind-proxy: server.behind_proxy must be true or false"});
}

TEST_CASE("a syntax error has its place, and the environment is checked all the same") {
  Fixture fixture;
  fixture.file("[server]\nlisten = \n");
  fixture.env("EVIDENCED_LOG_LEVEL", "loud");
  const auto lines = fixture.mistakes();
  REQUIRE(lines.size() == 2);
  CHECK(lines.at(0).starts_with("evidenced.toml:2:"));
  CHECK(lines.at(1).starts_with("EVIDENCED_LOG_LEVEL: "));
}

TEST_CASE("a public address needs TLS or a proxy") {
  Fixture fixture;
  fixture.file("[server]\nlisten = \"0.0.0.0:8080\"\n");
  const auto lines = fixture.mistakes();
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().starts_with("evidenced.toml:2:1: 0.0.0.0:8080 is not a loopback address"));

  fixture.file("[server]\nlisten = \"0.0.0.0:8080\"\nbehind_proxy = true\n");
  CHECK(fixture.load().settings.server.behind_proxy);
  fixture.file("[server]\nlisten = \"[::]:1\"\ntls_certificate = \"c\"\ntls_key = \"k\"\n");
  CHECK(fixture.load().settings.server.tls_key == fixture.folder.file("k"));
}

TEST_CASE("settings that contradict each other are refused") {
  const auto refused = [](std::string_view text) {
    Fixture fixture;
    fixture.file(text);
    return fixture.mistakes().size() == 1;
  };
  CHECK(refused("[server]\ntls_certificate = \"c\"\n"));
  CHECK(refused("[server]\ntls_key = \"k\"\n"));
  CHECK(refused("[connector]\nrequests_reserve = 1000\n"));
  CHECK(refused("[connector]\naccount_concurrency = 9\n"));
}

TEST_CASE("a default gives way to a limit that was lowered") {
  Fixture fixture;
  fixture.file("[connector]\nrequests_per_hour = 60\nmax_concurrency = 1\n");
  const Settings settings = fixture.load().settings;
  CHECK(settings.connector.requests_reserve == 6);
  CHECK(settings.connector.account_concurrency == 1);
}

TEST_CASE("a text must have the form of what it means") {
  const std::vector<std::string> wrong = {
      "[server]\nlisten = \"8080\"",
      "[server]\nlisten = \"127.0.0.1:99999\"",
      "[server]\nlisten = \"example.com:80\"",
      "[server]\nlisten = \"::1:80\"",
      "[server]\npublic_url = \"ftp://example.com\"",
      "[server]\npublic_url = \"https://example.com/path\"",
      "[server]\ntrusted_proxies = [\"10.0.0.0/99\"]",
      "[server]\ntrusted_proxies = [1]",
      "[connector]\nbase_url = \"http://api.example.com\"",
      "[connector]\nbase_url = \"https://user@api.example.com\"",
      "[connector]\nbase_url = \"https://api.example.com/2.0\"",
      "[storage]\nurl = \"postgres://x\"",
      "[storage]\nurl = \"sqlite:///\"",
      "[storage]\nurl = \"sqlite:////\"",
      "master_key_file = \"a\\nb\""};
  for (const std::string& text : wrong) {
    CAPTURE(text);
    Fixture fixture;
    fixture.file(text);
    CHECK(fixture.mistakes().size() == 1);
  }
}

TEST_CASE("the host of Bitbucket can be set in the file only") {
  Fixture fixture;
  fixture.file("[connector]\nbase_url = \"https://127.0.0.1:7990\"\n");
  CHECK(fixture.load().settings.connector.base_url == "https://127.0.0.1:7990");
  fixture.env("EVIDENCED_CONNECTOR_BASE_URL", "https://evil.example.com");
  fixture.flag("connector.base_url", "https://evil.example.com");
  CHECK(fixture.mistakes() ==
        std::vector<std::string>{
            "EVIDENCED_CONNECTOR_BASE_URL: connector.base_url can be set in the configuration "
            "file only",
            "--connector-base-url: connector.base_url can be set in the configuration file only"});
}

TEST_CASE("relative paths of the file are relative to the file") {
  Fixture fixture;
  fixture.file("[storage]\nurl = \"sqlite:///state/e.db\"\n[connector]\nca_file = \"../ca.pem\"\n");
  const Settings settings = fixture.load().settings;
  CHECK(settings.storage.url == "sqlite:///" + fixture.folder.file("state/e.db"));
  CHECK(settings.connector.ca_file.ends_with("/ca.pem"));
  CHECK_FALSE(settings.connector.ca_file.contains(".."));
  fixture.file("[storage]\nurl = \"sqlite:////abs/e.db\"\n");
  CHECK(fixture.load().settings.storage.url == "sqlite:////abs/e.db");
}

TEST_CASE("a file that is named must exist, by flag or by variable") {
  test::Folder folder;
  SettingsInput input;
  input.config_file = folder.file("none.toml");
  const auto by_flag = load_settings(input);
  REQUIRE_FALSE(by_flag.has_value());
  CHECK(by_flag.error().code.text() == "config.unreadable");
  CHECK(by_flag.error().detail.contains("none.toml"));
  input.config_file.reset();
  input.environment["EVIDENCED_CONFIG"] = folder.file("none.toml");
  CHECK_FALSE(load_settings(input).has_value());
}

TEST_CASE("a misspelt variable warns and does not stop the daemon") {
  Fixture fixture;
  fixture.file("").env("EVIDENCED_SERVER_LISTN", "x").env("EVIDENCED_SERVICE_HOST", "10.0.0.1");
  fixture.env("EVIDENCED_API_KEY_FILE", "x").env("EVIDENCED_CONFIG", fixture.folder.file("y"));
  const auto warnings = fixture.load().warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(warnings.front() ==
        "EVIDENCED_SERVER_LISTN sets nothing; did you mean EVIDENCED_SERVER_LISTEN?");
}

TEST_CASE("the defaults of the table are within its own limits") {
  const Settings defaults;
  for (const Setting& setting : settings_table()) {
    CAPTURE(std::string(setting.key));
    Fixture fixture;
    fixture.file(setting.section().empty() ? setting.name() + " = " + setting.value(defaults)
                                           : "[" + setting.section() + "]\n" + setting.name() +
                                                 " = " + setting.value(defaults));
    const LoadedSettings loaded = fixture.load();
    if (setting.form != SettingForm::path) {
      CHECK(setting.value(loaded.settings) == setting.value(defaults));
    }
    CHECK(loaded.origins.at(std::string(setting.key)).kind == OriginKind::file);
  }
}

}  // namespace
}  // namespace evidenced
