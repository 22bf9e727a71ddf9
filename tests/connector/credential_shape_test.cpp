// Goal: what can never work is refused before any network call, with the right remedy; what might
// work only warns. Method: a table of the mistakes that people make.
#include "connector/credential_shape.hpp"

#include "tests/catch.hpp"

#include <string>
#include <vector>

namespace {

using evidenced::connector::check_shape;
using evidenced::connector::ShapeVerdict;
using evidenced::connector::shows_token;

const std::string email = "ada@example.com";
const std::string token = "ATATT3xFfGF0" + std::string(168, 'k') + "=1A2B3C4D";

TEST_CASE("an e-mail and an API token pass without a word") {
  const ShapeVerdict verdict = check_shape(email, token);
  CHECK_FALSE(verdict.refusal);
  CHECK(verdict.warnings.empty());
}

TEST_CASE("tokens of any length from 40 on pass") {
  for (std::size_t length = 40; length <= 400; ++length)
    CHECK_FALSE(check_shape(email, token.substr(0, 5) + std::string(length - 5, 'k')).refusal);
}

TEST_CASE("every known mistake is refused by its name") {
  struct Mistake {
    std::string email;
    std::string token;
    const char* code;
    const char* pointer;
  };
  const std::vector<Mistake> mistakes = {
      {"", token, "credential.missing", "/credential/email"},
      {email, "", "credential.missing", "/credential/token"},
      {"ada", token, "credential.username_not_email", "/credential/email"},
      {"@example.com", token, "credential.username_not_email", "/credential/email"},
      {"ada@", token, "credential.username_not_email", "/credential/email"},
      {"ada@b@c", token, "credential.username_not_email", "/credential/email"},
      {"ada lovelace@example.com", token, "credential.username_not_email", "/credential/email"},
      {"ada:x@example.com", token, "credential.username_not_email", "/credential/email"},
      {"ada@example.com\r\n", token, "credential.username_not_email", "/credential/email"},
      {std::string(250, 'a') + "@b.example", token, "credential.username_not_email",
       "/credential/email"},
      {"x-bitbucket-api-token-auth", token, "credential.username_not_email", "/credential/email"},
      {email, "hunter2", "credential.password_suspected", "/credential/token"},
      {email, "Correct-Horse-Battery-Staple-2026-11-24", "credential.password_suspected",
       "/credential/token"},
      {email, "pässword", "credential.password_suspected", "/credential/token"},
      {email, "ATBB" + std::string(32, 'x'), "credential.app_password", "/credential/token"},
      {email, "ATBBshort", "credential.app_password", "/credential/token"},
      {email, "ATCTT3xFfGN0" + std::string(168, 'x'), "credential.access_token_unsupported",
       "/credential/token"},
      {email, token.substr(0, 50) + " " + token.substr(50), "credential.token_malformed",
       "/credential/token"},
      {email, token + "\n", "credential.token_malformed", "/credential/token"},
      {email, "\t" + token, "credential.token_malformed", "/credential/token"},
      {email, token + std::string(1, '\0'), "credential.token_malformed", "/credential/token"},
      {email, token + "\x7f", "credential.token_malformed", "/credential/token"},
      {email, email + ":" + token, "credential.token_malformed", "/credential/token"},
      {email, "a:b", "credential.token_malformed", "/credential/token"},
      {email, token + "é", "credential.token_malformed", "/credential/token"},
      {email, token.substr(0, 39), "credential.token_malformed", "/credential/token"},
      {email, token + std::string(4000, 'x'), "credential.token_malformed", "/credential/token"},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.email, mistake.token);
    const ShapeVerdict verdict = check_shape(mistake.email, mistake.token);
    REQUIRE(verdict.refusal);
    CHECK(verdict.refusal->code.text() == mistake.code);
    CHECK_FALSE(verdict.refusal->code.problem().remedy.empty());
    REQUIRE(verdict.refusal->fields.size() == 1);
    CHECK(verdict.refusal->fields[0].pointer == mistake.pointer);
    CHECK(verdict.refusal->fields[0].code == mistake.code);
    CHECK(verdict.warnings.empty());
  }
}

TEST_CASE("two mistakes are told at once, the first gives the code") {
  const ShapeVerdict verdict = check_shape("ada", "hunter2");
  REQUIRE(verdict.refusal);
  CHECK(verdict.refusal->code.text() == "credential.username_not_email");
  REQUIRE(verdict.refusal->fields.size() == 2);
  CHECK(verdict.refusal->fields[1].code == "credential.password_suspected");
}

TEST_CASE("a text shows a token when more than the prefix of one stands in it") {
  CHECK(shows_token(token));
  CHECK(shows_token("our " + std::string(token) + " (do not share)"));
  CHECK(shows_token("ATATT ATATT3xFfGF0a"));
  CHECK_FALSE(shows_token("ATATT"));
  CHECK_FALSE(shows_token("ATATT is what tokens begin with"));
  CHECK_FALSE(shows_token("ATATT-123456 rest"));
  CHECK_FALSE(shows_token(""));
}

TEST_CASE("an unknown but possible shape only warns") {
  const std::string odd = GENERATE(std::string(40, 'q'), std::string(192, 'Z') + "=",
                                   "atbb" + std::string(40, 'x'), "XATBB" + std::string(40, 'x'));
  const ShapeVerdict verdict = check_shape(email, odd);
  CHECK_FALSE(verdict.refusal);
  REQUIRE(verdict.warnings.size() == 1);
  CHECK(verdict.warnings[0].code.text() == "credential.password_suspected");
}

TEST_CASE("no verdict repeats the input") {
  const ShapeVerdict verdict = check_shape("adalovelace", "opensesame");
  REQUIRE(verdict.refusal);
  std::string words = verdict.refusal->detail;
  for (const auto& field : verdict.refusal->fields) words += field.detail;
  CHECK(words.find("lovelace") == std::string::npos);
  CHECK(words.find("sesame") == std::string::npos);
}

}  // namespace
