#pragma once

#include <stddef.h>
#include <stdint.h>

constexpr uint8_t A0 = 17;
enum WDTO_t { WDTO_8S = 9 };

class HardwareSerial {
 public:
  void begin(unsigned long baud);
  int read();
  size_t write(const char *bytes, size_t count);
};
extern HardwareSerial Serial;

class EspClass {
 public:
  void wdtEnable(WDTO_t timeout);
  void wdtFeed();
  void restart();
  uint32_t getChipId();
};
extern EspClass ESP;

extern "C" {
unsigned long millis();
void yield();
int analogRead(uint8_t pin);
int snprintf(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
}

void setup();
void loop();
