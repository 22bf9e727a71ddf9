#include "api/artifacts/sent_stream.hpp"

#include "api/intake.hpp"
#include "storage/crypto.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <array>
#include <new>
#include <optional>
#include <utility>

namespace evidenced::api {
namespace {

/// One frame, made piece by piece.
class ZstdFrame {
 public:
  ZstdFrame() : context_(ZSTD_createCCtx()) {
    if (!context_) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  /// What can be sent of it so far; may be nothing, unless it ends.
  Result<std::string> add(std::string_view bytes, bool ends) {
    const ZSTD_EndDirective how = ends ? ZSTD_e_end : ZSTD_e_continue;
    std::string out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t left = 1;
    while (in.pos < in.size || (ends && left > 0)) {
      std::array<char, 32 * 1024> room;
      ZSTD_outBuffer made{room.data(), room.size(), 0};
      left = ZSTD_compressStream2(context_.get(), &made, &in, how);
      if (ZSTD_isError(left) != 0) {
        return fail("internal.error", fmt::format("zstd: {}", ZSTD_getErrorName(left)));
      }
      out.append(room.data(), made.pos);
    }
    return out;
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> context_;
};

class SentStream final : public BodyStream {
 public:
  SentStream(std::unique_ptr<BodyStream> body, bool zstd) : body_(std::move(body)) {
    if (zstd) frame_.emplace();
  }

  Task<Result<std::string>> next() override {
    std::string piece;
    while (piece.empty() && !ended_) {
      Result<std::string> plain = co_await body_->next();
      if (!plain) co_return plain;
      ended_ = plain->empty();
      if (!frame_) {
        piece = std::move(*plain);
        continue;
      }
      Result<std::string> coded = frame_->add(*plain, ended_);
      if (!coded) co_return coded;
      piece = std::move(*coded);
    }
    hash_.update(piece);
    if (ended_ && digest_.empty()) digest_ = digest_field();
    co_return piece;
  }

  std::vector<std::string> trailer_names() const override {
    std::vector<std::string> names = body_->trailer_names();
    names.emplace_back("Content-Digest");
    return names;
  }

  std::vector<std::pair<std::string, std::string>> trailers() const override {
    std::vector<std::pair<std::string, std::string>> fields = body_->trailers();
    fields.emplace_back("Content-Digest", digest_);
    return fields;
  }

 private:
  std::string digest_field() {
    const storage::Digest digest = hash_.finish();
    const std::string bytes(digest.begin(), digest.end());
    return fmt::format("sha-256=:{}:", storage::to_base64(bytes));
  }

  std::unique_ptr<BodyStream> body_;
  std::optional<ZstdFrame> frame_;
  bool ended_ = false;
  storage::Sha256Stream hash_;
  std::string digest_;  ///< of all of it, once it has ended
};

}  // namespace

bool wants_zstd(std::string_view accept_encoding) {
  const double zstd = acceptance(accept_encoding, "zstd");
  return zstd > 0 && zstd >= acceptance(accept_encoding, "identity");
}

std::unique_ptr<BodyStream> sent_as(std::unique_ptr<BodyStream> body, bool zstd) {
  return std::make_unique<SentStream>(std::move(body), zstd);
}

}  // namespace evidenced::api
