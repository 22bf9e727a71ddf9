#pragma once

#include "config/random.hpp"
#include "config/time.hpp"

#include <string>
#include <string_view>

namespace evidenced::storage {

/// `prefix` + "_" + 26 characters (Crockford base 32, as a ULID: 48 bits of milliseconds, 80 of
/// randomness), so that ids of one kind sort by the time they were made. Prefixes: src, syn, art,
/// key, cal, hook, ses, lnk.
std::string new_id(std::string_view prefix, Timestamp now, Random& random);

/// No id of this prefix that was made at `time` or later sorts before it.
std::string first_id_at(std::string_view prefix, Timestamp time);

/// 64 hexadecimal digits, all of them random (256 bits): what is to be known to who was told alone.
std::string new_secret(Random& random);

/// Ids in rising order: the randomness is drawn once and counted up.
class IdSequence {
 public:
  /// Starts behind `after` ("" for none) where that was made later than `now` says.
  IdSequence(std::string_view prefix, Timestamp now, std::string_view after, Random& random);
  std::string next();

 private:
  std::string last_;
};

}  // namespace evidenced::storage
