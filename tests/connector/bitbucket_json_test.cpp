// Goal: nothing is lost between Bitbucket's bytes and ours. Method: what the reader accepts and
// keeps is compared with the grammar of RFC 8259 case by case, and with Boost.JSON on random
// documents.
#include "connector/bitbucket/json_text.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <fmt/format.h>

using namespace evidenced::connector::bitbucket;
using evidenced::connector::bitbucket::testing::Dice;
using evidenced::connector::bitbucket::testing::meaning;
using evidenced::connector::bitbucket::testing::shuffled;

namespace {

std::string canonical_of(std::string_view text) {
  const auto value = read_json(text);
  if (!value) FAIL(value.error().detail);
  return canonical(*value);
}

bool accepted(std::string_view text) {
  const auto value = read_json(text);
  if (!value) CHECK(value.error().code.text() == "upstream.invalid_json");
  return value.has_value();
}

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

/// Random documents of every kind of value, escape and number.
class Author {
 public:
  explicit Author(Dice& dice) : dice_(dice) {}

  std::string document(int depth) {
    const std::size_t kind = dice_.below(depth > 5 ? 5 : 7);
    if (kind == 5) return container(depth, '[', ']');
    if (kind == 6) return container(depth, '{', '}');
    static constexpr std::string_view words[] = {"null", "true", "false"};
    if (kind < 2) return std::string(words[dice_.below(3)]);
    return kind == 2 ? number() : string();
  }

 private:
  std::string number() {
    static constexpr std::string_view numbers[] = {"0",     "-0",
                                                   "7",     "-12",
                                                   "0.5",   "12.25e3",
                                                   "1E-2",  "9007199254740993",
                                                   "-1e0",  "1e+2",
                                                   "0.000", "123456",
                                                   "-0.25", "18446744073709551615"};
    return std::string(numbers[dice_.below(std::size(numbers))]);
  }

  std::string string() {
    static constexpr std::string_view pieces[] = {
        "a",   "branch/name", " ",       "\\\"",    "\\\\",           "\\/",      "\\b",
        "\\n", "\\u0000",     "\\u00e9", "\\u20AC", "\\ud83d\\ude00", "ü",        "漢",
        "🎉",  "$;><&#@|",    "\\t",     "\\u2028", "\x7f",           "12345678", "\\f\\r"};
    std::string out = "\"";
    for (std::size_t i = dice_.below(6); i > 0; --i) out += pieces[dice_.below(std::size(pieces))];
    return out + '"';
  }

  std::string container(int depth, char open, char close) {
    std::string out(1, open);
    const std::size_t count = dice_.below(5);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ',';
      if (open == '{') out += string() + ":";
      out += document(depth + 1);
    }
    return out + close;
  }

  Dice& dice_;
};

}  // namespace

TEST_CASE("canonical bytes are compact, sorted, and spelled as received") {
  CHECK(canonical_of(R"( { "b" : [ 1.0 , 1e0, -0 ] , "a" : "\u0041\/" , "" : null } )") ==
        R"({"":null,"a":"\u0041\/","b":[1.0,1e0,-0]})");
  CHECK(canonical_of("[ ]") == "[]");
  CHECK(canonical_of("{ }") == "{}");
  CHECK(canonical_of("\t\"x\"\r\n") == "\"x\"");
  CHECK(canonical_of("184467440737095516160000000000000000001") ==
        "184467440737095516160000000000000000001");
}

TEST_CASE("members are sorted by the UTF-8 bytes of their decoded names") {
  // U+FF5E sorts before U+1F389 in UTF-8, behind it in UTF-16.
  CHECK(canonical_of("{\"\\ud83c\\udf89\":1,\"\xEF\xBD\x9E\":2,\"\\u007a\":3,\"B\":4}") ==
        "{\"B\":4,\"\\u007a\":3,\"\xEF\xBD\x9E\":2,\"\\ud83c\\udf89\":1}");
}

TEST_CASE("of repeated members the last one counts, everywhere") {
  const auto value = read_json(R"({"a":1,"b":2,"\u0061":3})");
  REQUIRE(value);
  CHECK(value->find("a")->raw == "3");
  CHECK(canonical(*value) == R"({"\u0061":3,"b":2})");
}

TEST_CASE("halves of surrogate pairs are kept as spelled and are no two names in one") {
  const std::string text = R"({"\ud800":1,"\ud801":2,"x":"\udc00 \ud83d!"})";
  CHECK(canonical_of(text) == R"({"x":"\udc00 \ud83d!","\ud800":1,"\ud801":2})");
  const auto value = read_json(text);
  CHECK(value->find("x")->text() == "\xEF\xBF\xBD \xEF\xBF\xBD!");
}

TEST_CASE("text() decodes what people read") {
  const auto value = read_json(R"(["\"\\\/\b\f\n\r\t","\u0041\u00e9\u20ac\ud83d\ude00","\u0000"])");
  REQUIRE(value);
  CHECK(value->items[0].text() == "\"\\/\b\f\n\r\t");
  CHECK(value->items[1].text() == "Aé€😀");
  CHECK(value->items[2].text() == std::string(1, '\0'));
  CHECK(read_json("12")->text().empty());
}

TEST_CASE("find() follows paths and survives what is no object") {
  const auto value = read_json(R"({"a":{"b":[1],"c":"x"},"n":null})");
  REQUIRE(value);
  CHECK(value->at("a", "c")->text() == "x");
  CHECK(value->at("a", "b", "c") == nullptr);
  CHECK(value->at("n", "c") == nullptr);
  CHECK(value->at("missing") == nullptr);
  CHECK(text_at(*value, "a", "b").empty());
}

TEST_CASE("integer() and boolean() take what they can say exactly") {
  CHECK(read_json("-9223372036854775808")->integer() == INT64_MIN);
  CHECK_FALSE(read_json("9223372036854775808")->integer());
  CHECK_FALSE(read_json("1.0")->integer());
  CHECK_FALSE(read_json("1e2")->integer());
  CHECK_FALSE(read_json("\"1\"")->integer());
  CHECK(read_json("false")->boolean() == false);
  CHECK_FALSE(read_json("0")->boolean());
}

TEST_CASE("what RFC 8259 does not allow is refused with the place") {
  const std::string_view text =
      GENERATE(values<std::string_view>({"",           " ",          "{",
                                         "}",          "[1,]",       "[,1]",
                                         "[1 2]",      "{\"a\"}",    "{\"a\":}",
                                         "{\"a\":1,}", "{a:1}",      "{1:2}",
                                         "'a'",        "\"a",        "\"\\\"",
                                         "\"\\x\"",    "\"\\u12\"",  "\"\\u12g4\"",
                                         "\"\t\"",     "\"\n\"",     "tru",
                                         "trues",      "True",       "nul",
                                         "NaN",        "Infinity",   "+1",
                                         "-",          "01",         "-01",
                                         "1.",         ".5",         "1e",
                                         "1e+",        "0x1",        "1 2",
                                         "[] []",      "{\"a\":1}x", "\xEF\xBB\xBF{}",
                                         "/**/1",      "\\"}));
  CAPTURE(text);
  CHECK_FALSE(accepted(text));
}

TEST_CASE("a NUL byte ends nothing") {
  CHECK_FALSE(accepted(std::string_view("[1]\0", 4)));
}

TEST_CASE("the refusal names the byte") {
  CHECK(read_json("[1,\n x]").error().detail == "no JSON at byte 5: no value starts like this");
}

TEST_CASE("strings that are no UTF-8 are refused") {
  const std::string_view bytes = GENERATE(values<std::string_view>(
      {"\x80", "\xC0\xAF", "\xC1\x81", "\xC3", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80",
       "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}));
  CHECK_FALSE(accepted(fmt::format("\"long enough {}\"", bytes)));
  CHECK_FALSE(accepted(fmt::format("{{\"{}\":1}}", bytes)));
  CHECK_FALSE(accepted(fmt::format("\"{}", bytes)));
}

TEST_CASE("control characters are refused and DEL is not, wherever they stand in a string") {
  for (std::size_t place = 0; place < 20; ++place) {
    std::string text = "\"abcdefghijklmnopqrst\"";
    text[place + 1] = '\x1f';
    CHECK_FALSE(accepted(text));
    text[place + 1] = '\x7f';
    CHECK(accepted(text));
  }
}

TEST_CASE("nesting ends at 64") {
  CHECK(accepted(nested(64)));
  CHECK_FALSE(accepted(nested(65)));
  CHECK_FALSE(accepted(std::string(4'000'000, '[')));
  CHECK(accepted(fmt::format("{{\"a\":{}}}", nested(63))));
  CHECK_FALSE(accepted(fmt::format("{{\"a\":{}}}", nested(64))));
}

TEST_CASE("random documents mean the same to Boost.JSON, before and after") {
  Dice dice(20261124);
  for (int round = 0; round < 3000; ++round) {
    const std::string text = Author(dice).document(0);
    CAPTURE(text);
    const std::string once = canonical_of(text);
    REQUIRE(meaning(once) == meaning(text));
    REQUIRE(canonical_of(once) == once);
  }
}

TEST_CASE("order of members and white space leave no trace") {
  Dice dice(7);
  for (int round = 0; round < 1000; ++round) {
    // Which of repeated members is the last depends on the order: take them out first.
    const std::string text = canonical_of(Author(dice).document(0));
    CAPTURE(text);
    REQUIRE(canonical_of(shuffled(text, dice)) == text);
  }
}

TEST_CASE("json_string() makes a JSON string of any text") {
  const std::string text = "a\"b\\c\nd\x01 é 🎉";
  CHECK(read_json(json_string(text))->text() == text);
}

TEST_CASE("a document of too many values is too large, however few bytes it has") {
  const auto list = [](std::size_t items) {
    std::string text = "[0";
    for (std::size_t i = 1; i < items; ++i) text += ",0";
    return text + "]";
  };
  CHECK(read_json(list(json_values_limit - 1)));
  const auto refused = read_json(list(json_values_limit));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code.text() == "upstream.oversized");
  CHECK(refused.error().detail == "the answer has more than 250000 values");
}
