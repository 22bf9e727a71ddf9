#include "server/channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace evidenced::server {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_discarded = 1024 * 1024;

struct PhaseRow {
  std::chrono::milliseconds Limits::* time;
  bool by_rate;  ///< what has moved buys more time
};

/// In the order of Phase.
constexpr std::array phase_table = std::to_array<PhaseRow>({
    {&Limits::handshake, false},
    {&Limits::idle, false},
    {&Limits::header, false},
    {&Limits::body, true},
    {&Limits::handler, false},
    {&Limits::write, true},
    {&Limits::linger, false},
});

Stream::Buffers remaining(std::string_view first, std::string_view second, std::size_t sent) {
  const std::size_t of_first = std::min(sent, first.size());
  first.remove_prefix(of_first);
  second.remove_prefix(sent - of_first);
  // A TLS stream sends the first buffer that is not empty, a socket sends both at once.
  return {asio::buffer(first), asio::buffer(second)};
}

}  // namespace

Channel::Channel(std::unique_ptr<Stream> stream, const Limits& limits, Clock& clock)
    : stream_(std::move(stream)), limits_(limits), clock_(clock), since_(clock.steady()) {}

void Channel::enter(Phase phase) {
  phase_ = phase;
  since_ = clock_.steady();
  moved_ = 0;
  expired_ = broken_;
}

std::chrono::nanoseconds Channel::allowance() const {
  const PhaseRow& row = phase_table[static_cast<std::size_t>(phase_)];
  const std::chrono::nanoseconds base = limits_.*row.time;
  if (!row.by_rate) return base;
  const std::chrono::duration<double> earned(static_cast<double>(moved_) /
                                             static_cast<double>(limits_.minimum_rate));
  return base + std::chrono::duration_cast<std::chrono::nanoseconds>(earned);
}

bool Channel::due(SteadyTime now) {
  if (!expired_ && now - since_ >= allowance()) expired_ = true;
  return expired_;
}

Task<bool> Channel::handshake() {
  const Stream::Done done = co_await stream_->handshake();
  broken_ = broken_ || expired_ || std::get<0>(done).failed();
  co_return !broken_;
}

Task<std::size_t> Channel::read(asio::mutable_buffer into) {
  if (expired_) co_return 0;
  const Stream::Transferred got = co_await stream_->read_some(into);
  moved_ += std::get<1>(got);
  co_return std::get<1>(got);
}

Task<bool> Channel::write(std::string_view first, std::string_view second) {
  enter(Phase::write);
  while (moved_ < first.size() + second.size() && !expired_) {
    const Stream::Buffers left = remaining(first, second, moved_);
    const Stream::Transferred sent = co_await stream_->write_some(left);
    moved_ += std::get<1>(sent);
    if (std::get<0>(sent)) expired_ = true;
  }
  broken_ = broken_ || expired_;
  co_return !broken_;
}

Task<void> Channel::finish() {
  if (expired_) co_return;  // nothing was said last, so nothing can be lost
  enter(Phase::linger);
  co_await stream_->end();
  std::array<char, 4096> scrap{};
  while (!expired_ && moved_ < most_discarded) {
    const Stream::Transferred got = co_await stream_->discard_some(asio::buffer(scrap));
    if (std::get<0>(got)) break;
    moved_ += std::get<1>(got);
  }
}

}  // namespace evidenced::server
