#pragma once

#include <stddef.h>
#include <stdint.h>

namespace unit {

/// What a unit keeps over losses of power.
struct Settings {
  /// An SSID has 1 to 32 bytes (IEEE 802.11), a passphrase 8 to 63, a key 64 digits; an open network has none.
  static constexpr size_t longestName = 32;
  static constexpr size_t longestPassword = 64;
  /// How many seconds a client may keep others waiting without a word; 0: for ever.
  static constexpr uint16_t usualIdleSeconds = 60;

  char ssid[longestName + 1] = {};
  char password[longestPassword + 1] = {};
  uint16_t idleSeconds = usualIdleSeconds;

  bool hasNetwork() const { return ssid[0] != 0; }

  /// "iot1", the idle time (little-endian), name and password with their zeros, and the CRC-32 of all that, little-endian.
  static constexpr size_t encodedBytes = 4 + 2 + longestName + 1 + longestPassword + 1 + 4;

  void encode(uint8_t (&bytes)[encodedBytes]) const;
  /// @return Whether the bytes are settings that were kept; else these are the usual ones.
  bool decode(const uint8_t (&bytes)[encodedBytes]);
};

}  // namespace unit
