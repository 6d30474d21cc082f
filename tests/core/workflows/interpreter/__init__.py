"""Tests of the interpreter of the States Language."""
