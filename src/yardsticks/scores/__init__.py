"""Wing A: do alignment metrics agree?"""
