"""Networks and their parts. Imports torch and nothing of synthkit."""
