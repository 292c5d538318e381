"""The vocabulary: topics, and the stakeholder roles that people have and ideas need."""
