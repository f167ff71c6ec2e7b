print('event_replay')
