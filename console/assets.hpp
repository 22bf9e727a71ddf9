#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace evidenced::console {

/// A file of the built console, as it lies in the program: everything here lives as long as that.
struct Asset {
  std::string_view path;    ///< below /ui/: "index.html", "assets/index-AbC123.js"
  std::string_view type;    ///< Content-Type
  std::string_view digest;  ///< SHA-256 in hexadecimal digits
  bool immutable = false;   ///< another content would have another name
  std::span<const std::byte> identity;
  std::span<const std::byte> brotli;  ///< RFC 7932; empty where it would not be smaller
  std::span<const std::byte> gzip;    ///< RFC 1952; the same
};

/// All files, sorted by path; none in a daemon that was built without the console.
std::span<const Asset> assets();

}  // namespace evidenced::console
