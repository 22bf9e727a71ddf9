// Goal: a Secret moves without leaving a copy and cannot be shown by accident.
// Method: looks at the memory of what was moved from, and at the type's abilities.
#include "config/secret.hpp"

#include "config/log.hpp"
#include "tests/catch.hpp"

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>

using evidenced::Secret;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(!std::equality_comparable<Secret>);
static_assert(!std::convertible_to<Secret, std::string>);
static_assert(!std::convertible_to<Secret, std::string_view>);
static_assert(!Printable<Secret>);
static_assert(!std::constructible_from<evidenced::log::Field, std::string_view, Secret>);

bool memory_holds(const void* object, std::size_t size, std::string_view needle) {
  return std::string_view(static_cast<const char*>(object), size).contains(needle);
}

}  // namespace

TEST_CASE("a moved secret leaves nothing behind, short or long") {
  const std::string value = GENERATE(std::string("short-one"), std::string(100, 'x'));
  Secret from{std::string(value)};
  const Secret to = std::move(from);
  CHECK(to.reveal() == value);
  CHECK(from.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  CHECK_FALSE(memory_holds(&from, sizeof from, value));
}

TEST_CASE("assignment replaces the value and empties the other secret") {
  Secret a{std::string("first value")};
  Secret b{std::string("second value")};
  a = std::move(b);
  CHECK(a.reveal() == "second value");
  CHECK(b.empty());  // NOLINT(bugprone-use-after-move): this is what is tested
  CHECK_FALSE(memory_holds(&b, sizeof b, "second"));
}

TEST_CASE("a clone is a second owner") {
  Secret a{std::string("value")};
  const Secret b = a.clone();
  a = Secret();
  CHECK(a.empty());
  CHECK(b.reveal() == "value");
}

TEST_CASE("wipe overwrites the whole buffer, not only what is left of the value") {
  std::string text(64, 's');
  const char* buffer = text.data();
  text.resize(3);
  evidenced::wipe(text);
  CHECK(text.empty());
  REQUIRE(text.capacity() >= 64);
  CHECK_FALSE(memory_holds(buffer, 64, "ss"));
}
