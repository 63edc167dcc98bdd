#pragma once

#include <stddef.h>
#include <stdint.h>

class EEPROMClass {
 public:
  void begin(size_t size);
  uint8_t read(int address);
  void write(int address, uint8_t value);
  bool commit();
};
extern EEPROMClass EEPROM;
