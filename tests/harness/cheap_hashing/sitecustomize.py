"""Makes hashes of passwords cheap: with real ones, signing in took a tenth of all the tests' time.

Python loads it by its name at the start of each server that tests start; test processes import it.
A hash keeps its own costs, so that only those who make one have to be told. The real costs are held
by tests/accounts/test_passwords.py.
"""

from argon2 import PasswordHasher

TIME_COST, MEMORY_KIB, LANES = 1, 8, 1

_, _, _, *others = PasswordHasher.__init__.__defaults__ or ()
PasswordHasher.__init__.__defaults__ = (TIME_COST, MEMORY_KIB, LANES, *others)  # type: ignore[assignment]
