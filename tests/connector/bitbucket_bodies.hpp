#pragma once

#include "connector/bitbucket/parse.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector::bitbucket::testing {

/// The bytes of tests/fixtures/NAME.
std::string fixture(std::string_view name);
std::string read_file(const std::filesystem::path& path);

/// The shared folder (EVIDENCED_SHARED, else ../shared), nullopt where it is missing: then it has
/// said "skipped".
std::optional<std::filesystem::path> shared_folder();

/// What a second, independent reader (Boost.JSON) makes of the text. Throws when it cannot.
boost::json::value meaning(std::string_view text);

/// `value` without avatars and user information in links: what scrubbing leaves of the kinds
/// collected, done a second time in another way.
boost::json::value without_secrets(boost::json::value value);

/// A value as text, the same for the same meaning.
std::string canonical_text(const boost::json::value& value);

/// Parses, expects success.
ParsedPage parsed(std::string_view stream, std::string_view body, const Partition& partition = {},
                  std::size_t leg = 0);

/// A seeded source of choices.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t bound) { return engine_() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

/// The same document with members in another order and white space strewn in.
std::string shuffled(std::string_view text, Dice& dice);

}  // namespace evidenced::connector::bitbucket::testing
