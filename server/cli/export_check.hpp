#pragma once

#include "storage/crypto.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace evidenced::cli {

/// Checks a streamed export while it passes: what was received is whole and unchanged.
class ExportCheck {
 public:
  virtual ~ExportCheck() = default;

  /// The next bytes of the body.
  virtual void feed(std::string_view bytes) = 0;

  /// "" when count and digest agree; else what is wrong. `count` and `digest` are the HTTP trailers
  /// Evidenced-Count and Content-Digest (RFC 9530), "" where there is none.
  virtual std::string verdict(std::string_view count, std::string_view digest) = 0;

  /// Items seen.
  virtual std::int64_t items() const = 0;
};

/// JSON lines whose last line is `{"trailer":{"count":N,"sha256":"…"}}`, the hash over all bytes
/// before it.
class NdjsonCheck final : public ExportCheck {
 public:
  void feed(std::string_view bytes) override;
  std::string verdict(std::string_view count, std::string_view digest) override;
  std::int64_t items() const override { return items_; }

 private:
  storage::Sha256Stream hash_;
  storage::Sha256Stream whole_;
  std::string last_line_;  ///< not hashed yet: it may be the trailer
  std::int64_t items_ = 0;
};

/// CSV: a head and one record an item; count and digest come as HTTP trailers.
class CsvCheck final : public ExportCheck {
 public:
  void feed(std::string_view bytes) override;
  std::string verdict(std::string_view count, std::string_view digest) override;
  std::int64_t items() const override { return records_ > 0 ? records_ - 1 : 0; }

 private:
  storage::Sha256Stream hash_;
  std::int64_t records_ = 0;
  bool quoted_ = false;
};

}  // namespace evidenced::cli
