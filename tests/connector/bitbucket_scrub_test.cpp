// Goal: what must never be stored is not stored, and nothing else changes. Method: canaries in
// every place that is scrubbed, and strings beside them that look alike.
#include "connector/bitbucket/scrub.hpp"
#include "tests/catch.hpp"

#include <fmt/format.h>

using namespace evidenced;
using namespace evidenced::connector::bitbucket;

namespace {

std::string scrubbed(std::string_view kind, std::string_view text) {
  auto value = read_json(text);
  if (!value) FAIL(value.error().detail);
  Replacements replacements;
  scrub(kind, *value, replacements);
  return canonical(*value);
}

storage::Digest digest_of(std::string_view kind, std::string_view text) {
  auto value = read_json(text);
  return revision_digest(kind, *value, canonical(*value));
}

}  // namespace

TEST_CASE("avatars go, at every depth and however their name is spelled") {
  CHECK(scrubbed("repository",
                 R"({"links":{"avatar":{"href":"x"},"self":{"href":"y"}},"avatar":"z",
                     "owner":{"links":{"\u0061vatar":1}},"list":[{"avatar":[]}],"avatars":1})") ==
        R"({"avatars":1,"links":{"self":{"href":"y"}},"list":[{}],"owner":{"links":{}}})");
}

TEST_CASE("clone links lose their user, the rest of the link stays") {
  CHECK(scrubbed("repository",
                 R"({"clone":[{"href":"https://canary@bitbucket.org/a/b.git","name":"https"},
                              {"href":"git@bitbucket.org:a/b.git"},
                              {"href":"ssh://git@bitbucket.org/a/b.git"}]})") ==
        R"({"clone":[{"href":"https://bitbucket.org/a/b.git","name":"https"},)"
        R"({"href":"git@bitbucket.org:a/b.git"},{"href":"ssh://git@bitbucket.org/a/b.git"}]})");
}

TEST_CASE("URLs lose user information and token-like values") {
  struct Row {
    std::string_view given;
    std::string_view kept;
  };
  const Row row = GENERATE(values<Row>({
      {"https://u:canary@host/p?q=1#f", "https://host/p?q=1#f"},
      {"HTTPS://u@host", "HTTPS://host"},
      {"https://u:c@n@ry@host/p", "https://host/p"},
      {"https://host/p@v", "https://host/p@v"},
      {"https://host?u=a@b", "https://host?u=a@b"},
      {"ftp://u:p@host/", "ftp://host/"},
      {"ssh://canary@host/", "ssh://host/"},
      {"https://git:canary@host/", "https://host/"},
      {"https://host/p?access_token=canary&x=1", "https://host/p?access_token=REDACTED&x=1"},
      {"https://host/p?x=1;api_key=canary", "https://host/p?x=1;api_key=REDACTED"},
      {"https://host/p?X-Amz-Signature=canary", "https://host/p?X-Amz-Signature=REDACTED"},
      {"https://host/#id_token=canary&ok=1", "https://host/#id_token=REDACTED&ok=1"},
      {"https://host/?password=", "https://host/?password=REDACTED"},
      {"https://host/?q=permission%3D%22owner%22&key=PAY",
       "https://host/?q=permission%3D%22owner%22&key=PAY"},
      {"see https://u:canary@host for more", "see https://host for more"},
      {"(https://canary@host/a?token=canary) and\nhttps://u:canary@other, x@y",
       "(https://host/a?token=REDACTED and\nhttps://other, x@y"},
      {"<a href=\"https://u:canary@host/p?sig=canary\">",
       "<a href=\"https://host/p?sig=REDACTED\">"},
      {"[x](https://u:canary@host/p)", "[x](https://host/p)"},
      {"https://host/?next=https://u:canary@other/&x=1", "https://host/?next=https://other/&x=1"},
      {"//u:canary@host/p", "//host/p"},
      {"git remote add o //u:canary@host/p", "git remote add o //host/p"},
      {"x = 1; //todo@bob // a@b", "x = 1; //todo@bob // a@b"},
      {"https://host, @bob: https://host/@x", "https://host, @bob: https://host/@x"},
      {"clone ssh://git@host/p", "clone ssh://git@host/p"},
      {"////u:canary@host", "////host"},
      {"https://u:canary@", "https://"},
      {"//", "//"},
      {"://u@host", "://u@host"},
      {"no url", "no url"},
      {"", ""},
  }));
  CHECK(scrub_urls(row.given) == row.kept);
  CHECK(scrub_urls(row.kept) == row.kept);
}

TEST_CASE("URLs are recognised behind JSON escapes") {
  CHECK(scrubbed("repository", R"({"href":"https:\/\/canary@host\/p"})") ==
        R"({"href":"https://host/p"})");
  CHECK(scrubbed("repository", R"({"href":"https\u003a//canary@host/\u00e9"})") ==
        "{\"href\":\"https://host/é\"}");
  CHECK(scrubbed("repository", R"({"href":"https:\/\/host\/p"})") ==
        R"({"href":"https:\/\/host\/p"})");
}

TEST_CASE("what people wrote stays as they wrote it, but for the credentials in it") {
  const std::string text =
      R"({"description":"clone https://z/@y and \u0061 run\r\n","id":1.50,"title":"a@b // c"})";
  CHECK(scrubbed("pull_request", text) == text);
  CHECK(scrubbed(
            "pull_request",
            R"({"summary":{"raw":"clone https:\/\/x:canary@z\n","html":"<a>//u:canary@z</a>"}})") ==
        R"({"summary":{"html":"<a>//z</a>","raw":"clone https://z\n"}})");
}

TEST_CASE("long texts of slashes and colons are scrubbed in linear time") {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += i % 3 == 0 ? "//" : ":/@";
  CHECK(scrub_urls(text).size() <= text.size());
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += "a://u:canary@";
  CHECK(scrub_urls(nested).find("canary") == std::string::npos);
}

TEST_CASE("values of variables go, wherever the variable stands") {
  CHECK(scrubbed("pipeline_variable", R"({"key":"K","value":"canary"})") == R"({"key":"K"})");
  CHECK(scrubbed("pipeline",
                 R"({"variables":[{"key":"K","value":"canary","secured":false}],"value":1})") ==
        R"({"value":1,"variables":[{"key":"K","secured":false}]})");
  CHECK(scrubbed("pipeline", R"({"v":{"type":"pipeline_variable","value":{"deep":"canary"}}})") ==
        R"({"v":{"type":"pipeline_variable"}})");
  // The value of a restriction is a number of approvals.
  CHECK(scrubbed("branch_restriction", R"({"kind":"push","value":2})") ==
        R"({"kind":"push","value":2})");
}

TEST_CASE("webhook URLs become scheme and host, with the hash of the whole") {
  const std::string once = scrubbed(
      "webhook",
      R"({"url":"https://u:canary@hooks.example.com:8443/canary?canary","secret":"canary"})");
  CHECK(once == fmt::format(R"({{"url":"https://hooks.example.com:8443","url_sha256":"{}"}})",
                            storage::to_hex(storage::sha256(
                                "https://u:canary@hooks.example.com:8443/canary?canary"))));
  CHECK(scrubbed("webhook", once) == once);
  CHECK(scrubbed("webhook", R"({"url":"canary"})").find("canary") == std::string::npos);
  CHECK(scrubbed("webhook", R"({"url":["canary"]})") == "{}");
}

TEST_CASE("deploy keys become the fingerprint that ssh-keygen shows") {
  // Made for this test with ssh-keygen -t ed25519; the fingerprint is what ssh-keygen -lf says.
  const std::string key = scrubbed(
      "deploy_key",
      R"({"key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAFBjxlRAnWeKPkRWfcLFgBqRGN0a8o9FGV6wZdh3fnl deploy@example.com"})");
  CHECK(key == R"({"key":"SHA256:XPCyK9k9D/OhM9h7TYcM2i25+T/CX8ixs00275omOhk"})");
  CHECK(scrubbed("deploy_key", key) == key);
  CHECK(scrubbed("deploy_key", R"({"key":"canary"})") == R"({"key":"REDACTED"})");
  CHECK(scrubbed("runner", R"({"oauth_client":{"secret":"canary"},"private_key":"canary"})") ==
        "{}");
}

TEST_CASE("of repeated members none survives") {
  CHECK(scrubbed("webhook", R"({"url":"https://a/canary","url":"https://b/canary"})")
            .find("canary") == std::string::npos);
  CHECK(scrubbed("x", R"({"avatar":1,"avatar":2})") == "{}");
}

TEST_CASE("a visit makes no revision, a new permission does") {
  const auto visited =
      digest_of("workspace_member", R"({"last_accessed":"1","permission":"owner"})");
  CHECK(visited == digest_of("workspace_member", R"({"last_accessed":"2","permission":"owner"})"));
  CHECK(visited == digest_of("workspace_member", R"({"permission":"owner"})"));
  CHECK(visited != digest_of("workspace_member", R"({"last_accessed":"1","permission":"member"})"));
  CHECK(digest_of("repository", R"({"last_accessed":"1"})") !=
        digest_of("repository", R"({"last_accessed":"2"})"));
}
