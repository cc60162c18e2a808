"""Where things are: China's administrative regions by code, point to county, distances, maps.

Owns no table. Promises: a position is never read without its datum (`datum`), a point near a border is said to be
uncertain instead of guessed (`boundaries`), and codes are GB/T 2260's with the changes since (`names`).
Boundaries are heavy and load on their first use only; names, distances and centres cost next to nothing.
"""
