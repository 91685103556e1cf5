"""Measurements that anybody can repeat; they print figures and assert nothing about time."""
