#pragma once

#include "config/clock.hpp"
#include "server/limits.hpp"
#include "server/stream.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace evidenced::server {

/// What a connection waits for; each phase has its deadline.
enum class Phase { handshake, idle, header, body, handler, write, linger };

/// A stream with deadlines. There is no timer: a sweep over all connections asks `due` once a
/// second and cancels the task of whoever is, which ends the wait here. After that, and after any
/// failure, reads give 0 and writes false.
class Channel {
 public:
  Channel(std::unique_ptr<Stream> stream, const Limits& limits, Clock& clock);

  /// Starts a phase and its deadline.
  void enter(Phase phase);
  Phase phase() const { return phase_; }

  Task<bool> handshake();

  /// Waits for bytes in the current phase; 0: the peer has closed, the connection is broken, or the
  /// deadline has passed.
  Task<std::size_t> read(boost::asio::mutable_buffer into);

  /// Sends both, one after the other, in the phase `write`.
  Task<bool> write(std::string_view first, std::string_view second = {});

  /// Says that we are done. When the peer may still be sending, also waits, shortly, until it is
  /// done too: closing with bytes unread would reset the connection and take our last answer with
  /// it.
  Task<void> finish(bool peer_sends);

  /// Whether the deadline has passed; from then on the current phase counts as expired.
  bool due(SteadyTime now);

  /// Whether nobody is at the other end any more; a peer that only says no more looks the same.
  bool peer_gone() { return !broken_ && stream_->peer_gone(); }

  /// Makes the current phase expire now.
  void expire() { expired_ = true; }
  bool expired() const { return expired_; }

  /// Ends everything: nothing is read, written or waited for any more.
  void abort() { broken_ = expired_ = true; }
  bool broken() const { return broken_; }

  /// When the current phase began.
  SteadyTime since() const { return since_; }
  bool is_tls() const { return stream_->is_tls(); }

 private:
  void credit_progress(SteadyTime now);

  std::unique_ptr<Stream> stream_;
  const Limits& limits_;
  Clock& clock_;
  Phase phase_ = Phase::handshake;
  SteadyTime since_;
  SteadyTime deadline_;
  std::size_t moved_ = 0;     ///< bytes in this phase, as far as we know
  std::size_t credited_ = 0;  ///< of them, what has bought time
  bool expired_ = false;
  bool broken_ = false;
};

}  // namespace evidenced::server
