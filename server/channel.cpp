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

const PhaseRow& row(Phase phase) {
  return phase_table[static_cast<std::size_t>(phase)];
}

Stream::Buffers remaining(std::string_view first, std::string_view second, std::size_t sent) {
  const std::size_t of_first = std::min(sent, first.size());
  first.remove_prefix(of_first);
  second.remove_prefix(sent - of_first);
  // A TLS stream sends the first buffer that is not empty, a socket sends both at once.
  return {asio::buffer(first), asio::buffer(second)};
}

}  // namespace

Channel::Channel(std::unique_ptr<Stream> stream, const Limits& limits, Clock& clock)
    : stream_(std::move(stream)), limits_(limits), clock_(clock) {
  enter(Phase::handshake);
}

void Channel::enter(Phase phase) {
  phase_ = phase;
  since_ = clock_.steady();
  deadline_ = since_ + limits_.*row(phase).time;
  moved_ = credited_ = 0;
  expired_ = broken_;
}

/// Bytes buy time at the minimum rate, but not without end: who took a megabyte at once must not
/// sleep a quarter of an hour on it. Bytes that wait in our own kernel have reached nobody.
void Channel::credit_progress(SteadyTime now) {
  std::size_t arrived = moved_;
  if (phase_ == Phase::write) arrived -= std::min(arrived, stream_->unsent());
  if (arrived <= credited_) return;
  const std::chrono::duration<double> earned(static_cast<double>(arrived - credited_) /
                                             static_cast<double>(limits_.minimum_rate));
  credited_ = arrived;
  deadline_ = std::min(deadline_ + std::chrono::duration_cast<SteadyTime::duration>(earned),
                       now + std::max(limits_.stall, limits_.*row(phase_).time));
}

bool Channel::due(SteadyTime now) {
  if (row(phase_).by_rate) credit_progress(now);
  if (now >= deadline_) expired_ = true;
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

Task<void> Channel::finish(bool peer_sends) {
  if (expired_) co_return;  // nothing was said last, so nothing can be lost
  enter(Phase::linger);
  co_await stream_->end();
  std::array<char, 4096> scrap{};
  while (peer_sends && !expired_ && moved_ < most_discarded) {
    const Stream::Transferred got = co_await stream_->discard_some(asio::buffer(scrap));
    if (std::get<0>(got)) break;
    moved_ += std::get<1>(got);
  }
}

}  // namespace evidenced::server
