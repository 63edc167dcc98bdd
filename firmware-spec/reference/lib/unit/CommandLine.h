#pragma once

#include <stddef.h>
#include <stdint.h>

namespace unit {

/// Cuts bytes into lines. CR, LF or both together end one at once; empty lines are none.
///
/// A line that is too long is left out as a whole, up to its end.
class CommandLine {
 public:
  static constexpr size_t longest = 1024;

  enum class Found : uint8_t { nothing, line, tooLong };

  /// Takes one byte.
  ///
  /// @return What it has ended. A line is in `text` until the next call.
  Found take(uint8_t byte);

  /// Ends what has no end yet: the peer has gone, or said nothing for too long.
  Found finish();

  /// Whether there is something without an end.
  bool isBegun() const { return count_ > 0 || isTooLong_; }

  /// With 0 behind it.
  const char *text() const { return text_; }
  size_t count() const { return ended_; }

  void forget();

 private:
  char text_[longest + 1] = {};
  size_t count_ = 0;
  size_t ended_ = 0;
  bool isTooLong_ = false;
};

}  // namespace unit
