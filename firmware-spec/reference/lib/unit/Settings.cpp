#include "Settings.h"

namespace unit {

namespace {

const uint8_t magic[4] = {'i', 'o', 't', '1'};

/// CRC-32 as of zlib.
uint32_t checksum(const uint8_t *bytes, size_t count) {
  uint32_t value = 0xFFFFFFFFu;
  for (size_t index = 0; index < count; index++) {
    value ^= bytes[index];
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ (0xEDB88320u & (0u - (value & 1u)));
  }
  return ~value;
}

template <size_t size>
const uint8_t *readText(const uint8_t *bytes, char (&text)[size]) {
  for (size_t index = 0; index < size; index++) text[index] = static_cast<char>(*bytes++);
  text[size - 1] = 0;
  return bytes;
}

}  // namespace

void Settings::encode(uint8_t (&bytes)[encodedBytes]) const {
  uint8_t *next = bytes;
  for (uint8_t byte : magic) *next++ = byte;
  *next++ = static_cast<uint8_t>(idleSeconds);
  *next++ = static_cast<uint8_t>(idleSeconds >> 8);
  for (char byte : ssid) *next++ = static_cast<uint8_t>(byte);
  for (char byte : password) *next++ = static_cast<uint8_t>(byte);
  const uint32_t sum = checksum(bytes, static_cast<size_t>(next - bytes));
  for (int shift = 0; shift < 32; shift += 8) *next++ = static_cast<uint8_t>(sum >> shift);
}

bool Settings::decode(const uint8_t (&bytes)[encodedBytes]) {
  *this = Settings();
  constexpr size_t sumAt = encodedBytes - 4;
  uint32_t sum = 0;
  for (size_t index = 0; index < 4; index++) sum |= static_cast<uint32_t>(bytes[sumAt + index]) << (8 * index);
  if (sum != checksum(bytes, sumAt)) return false;
  const uint8_t *next = bytes;
  for (uint8_t byte : magic) {
    if (*next++ != byte) return false;
  }
  idleSeconds = static_cast<uint16_t>(next[0] | next[1] << 8);
  readText(readText(next + 2, ssid), password);
  return true;
}

}  // namespace unit
