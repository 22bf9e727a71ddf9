#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace evidenced {

/// A value that must not be seen: an API token, an e-mail address of an account, a key. It is wiped
/// when it goes, has no output operator, no comparison and no serialisation; whoever needs the
/// characters says so with `reveal()`.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  /// A second owner, made on purpose.
  Secret clone() const { return Secret(std::string(value_)); }

  /// The characters. The view lives as long as this object; do not copy it into anything that is
  /// logged or stored.
  std::string_view reveal() const { return value_; }
  bool empty() const { return value_.empty(); }

 private:
  std::string value_;
};

/// Overwrites the characters of `text` in a way the compiler cannot leave out, then empties it.
void wipe(std::string& text);

}  // namespace evidenced
